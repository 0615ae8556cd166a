import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { SOAK } from '../house/soak.ts';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { commandLine, page, PAGE } from './killed-carriers.ts';
import { endOf, journalOf, runsOf, strays } from './killed-remains.ts';
import { json } from './scene.ts';

const ROUNDS = SOAK ? 20 : 3;
const EACH = 5;
/** The command line takes so long to get to the lock; the page comes a little later from round to round. */
const LATER_MS = 150;

describe('ten who apply at the same moment, from the command line and from the page', function () {
  this.timeout(300_000);
  let sandbox: Sandbox;
  before(async () => (sandbox = await startSandbox({ install: true })));
  after(() => sandbox.stop());

  it('get one run each time, and nine are told which one it is', async () => {
    const { server } = sandbox;
    const whm = await page(sandbox);
    for (let round = 0; round < ROUNDS; round++) {
      const before = runsOf(server);
      const [typed, clicked] = await Promise.all([
        Promise.all(Array.from({ length: EACH }, () => json(server, 'apply', '--yes'))),
        delay(round * LATER_MS).then(() =>
          Promise.all(Array.from({ length: EACH }, () => whm.browser.post(`${PAGE}?r=apply`, whm.form()))),
        ),
      ]);
      const [run = '', ...more] = runsOf(server).filter((each) => !before.includes(each));
      assert.deepEqual([more, run === ''], [[], false], `round ${round}`);
      const told = [
        ...typed.map(({ code, document }) => {
          if (document.state === 'done') return `won ${document.run ?? ''}`;
          assert.deepEqual([code, document.state, document.changed], [5, 'busy', false]);
          return document.run;
        }),
        ...clicked.map(({ status, headers, body }) => {
          if (status === 303) return `won ${headers.location?.replace('?r=runs/', '') ?? ''}`;
          assert.equal(status, 409, body);
          return /Run ([\w-]+) is at work/.exec(body)?.[1];
        }),
      ];
      const losers = Array.from({ length: 2 * EACH - 1 }, () => run);
      assert.deepEqual([...told].sort(), [...losers, `won ${run}`], `round ${round}`);
      assert.deepEqual(await endOf(server, run), { run, begun: true, ended: true, changed: true });
      assert.deepEqual(strays(server), []);
      const { document: runs } = await json(server, 'runs');
      assert.deepEqual([runs.length, runs[0]?.id, runs[0]?.state], [before.length + 1, run, 'done']);
      const back = round % 2 === 0 ? commandLine(sandbox) : whm;
      assert.equal(await back.undo(journalOf(server, run)), null);
    }
  });
});

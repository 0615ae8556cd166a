import assert from 'node:assert/strict';
import { Problem } from '../../src/core/problem.ts';
import { createFakeDesk, type FakeDesk } from './fake-desk.ts';
import { openHouse, RESELLER_LOGIN, type House } from './house.ts';

const ON = { mode: 'repair', timer: true, hook: true } as const;

describe('the watch on the page Settings', () => {
  let desk: FakeDesk;
  let house: House;
  beforeEach(async () => {
    desk = createFakeDesk();
    house = await openHouse(desk);
  });
  afterEach(() => house.close());

  const turn = (mode: string): ReturnType<House['post']> =>
    house.post('/watch', { mode, csrf: house.csrf() });

  /** What the buttons of the watch would turn it to. */
  async function offered(): Promise<(string | undefined)[]> {
    const { text } = await house.get('/settings');
    return [...text.matchAll(/name="mode" value="(\w+)"/g)].map(([, mode]) => mode);
  }

  it('has a button for each way in which it does not stand', async () => {
    assert.deepEqual(await offered(), ['repair', 'notify']);
    desk.watch.resolves(ON);
    assert.deepEqual(await offered(), ['notify', 'off']);
    desk.watch.resolves({ ...ON, mode: 'notify' });
    assert.deepEqual(await offered(), ['repair', 'off']);
    desk.watch.resolves({ ...ON, timer: false });
    assert.deepEqual(await offered(), ['repair', 'notify', 'off'], 'half on');
  });

  it('is turned by a button, and that is told to the audit', async () => {
    for (const mode of ['repair', 'notify', 'off'] as const) {
      const { status, headers } = await turn(mode);
      assert.deepEqual([status, headers.location], [303, '?r=settings']);
      assert.deepEqual(desk.turnWatch.lastCall.args, [mode]);
      assert.ok(
        house.noted.some(
          ({ action, user, result, deed }) =>
            `${user} ${action} ${result} ${deed}` === `root watch ${mode} done true`,
        ),
      );
    }
  });

  it('says when there is nothing yet that it could keep', async () => {
    desk.turnWatch.resolves({ stands: ON, idle: true });
    const { headers } = await turn('repair');
    assert.equal(headers.location, '?r=settings&idle=1');
    assert.match((await house.get('/settings?idle=1')).text, /Nothing to keep yet/);
    assert.doesNotMatch((await house.get('/settings')).text, /Nothing to keep yet/);
  });

  it('is left as it is for words that it does not know, forms of nobody and resellers', async () => {
    assert.equal((await turn('on')).status, 400);
    assert.equal((await house.post('/watch', { mode: 'off' })).status, 403);
    const theirs = { mode: 'off', csrf: house.csrf(RESELLER_LOGIN) };
    assert.equal((await house.post('/watch', theirs, RESELLER_LOGIN)).status, 403);
    assert.equal((await house.get('/watch')).status, 404);
    assert.equal(desk.turnWatch.callCount, 0);
  });

  it('says why it could not be turned, and does not tell the audit that it was', async () => {
    desk.turnWatch.rejects(new Problem('command-failed', 'The timer could not be started: no unit.'));
    const { status, text } = await turn('repair');
    assert.equal(status, 500);
    assert.match(text, /The timer could not be started: no unit\./);
    assert.ok(!house.noted.some(({ result }) => result === 'done'));
  });
});

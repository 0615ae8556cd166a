import assert from 'node:assert/strict';
import type { Plan } from '../../src/core/plan.ts';
import type { Settings } from '../../src/core/settings.ts';
import { applyPlan } from '../../src/engine/apply.ts';
import { statusOf } from '../../src/engine/findings.ts';
import type { Ending } from '../../src/engine/journal.ts';
import { makePlan } from '../../src/engine/planning.ts';
import { survey } from '../../src/engine/survey.ts';
import { takeBack } from '../../src/engine/undo.ts';
import { RELOAD, SETTINGS } from './keeper.ts';
import { result, startKept as start } from './kept.ts';
import { openLog, type KeptLog } from './log.ts';
import { NFT, settings, type Server } from './server.ts';

const only = (some: Partial<Settings> = {}): Settings => settings({ only: 'firewall', ...some });

async function apply(
  server: Server,
  some: Partial<Settings> = {},
): Promise<{ plan: Plan; log: KeptLog; ending: Ending }> {
  const plan = await makePlan(server.ports, only(some));
  const log = openLog();
  const ending = await applyPlan(server.ports, plan, only(some), log, new AbortController().signal);
  return { plan, log, ending };
}

const shape = (plan: Plan): string[] =>
  plan.steps.map((step) => {
    if (step.kind === 'write') return `write ${step.path}`;
    return 'question' in step ? `ask ${step.question.ask}` : `run ${step.command[0] ?? ''}`;
  });
const meets = (server: Server, port: number): string => server.kernel.meet('ipv4', port).outcome;

describe('a firewall that a program keeps', () => {
  it('is opened by what the program is told, after it was tried in a copy', async () => {
    const server = start();
    const before = server.state();
    const { plan, log, ending } = await apply(server);
    assert.deepEqual(shape(plan), [
      'ask gate',
      `write ${SETTINGS}`,
      `run ${RELOAD}`,
      'ask reach',
      'ask reach',
    ]);
    assert.equal(ending.state, 'done', JSON.stringify(ending));
    assert.deepEqual(
      [meets(server, 50000), meets(server, 49151), meets(server, 22)],
      ['open', 'silent', 'open'],
    );
    assert.equal(server.disk.text(SETTINGS), '49152-65534\n');
    assert.ok(!server.calls.some((call) => call.startsWith(NFT)));
    assert.deepEqual(shape(await makePlan(server.ports, only())), []);

    server.calls.length = 0;
    const seen: (string | null)[] = [];
    const reload = server.programs.get(RELOAD) ?? assert.fail('no program');
    server.programs.set(RELOAD, (argv, options) => {
      seen.push(server.disk.text(SETTINGS));
      return reload(argv, options);
    });
    assert.equal(await takeBack(server.ports, plan, log.entries, openLog('u1')), null);
    assert.deepEqual(server.state(), before);
    assert.deepEqual(seen, [''], 'the settings are back before the rules are made anew');
  });

  it('is waited for while another one of it is at work, both ways', async () => {
    const server = start('', { busy: 3 });
    const before = server.state();
    const { plan, log, ending } = await apply(server);
    assert.equal(ending.state, 'done', JSON.stringify(ending));
    assert.equal(server.calls.filter((call) => call.startsWith(RELOAD)).length, 4);
    assert.equal(await takeBack(server.ports, plan, log.entries, openLog('u1')), null);
    assert.deepEqual(server.state(), before);
  });

  it('is put back when the program reports success and has done nothing', async () => {
    const server = start('', { idle: true });
    const before = server.state();
    const began = server.ports.clock.now();
    const { ending, log } = await apply(server);
    assert.equal(ending.state, 'undone');
    assert.match(
      ending.problem?.message ?? '',
      /^In the firewall the range is still blocked: IPv4 49152-65534 by inet filter keeper: drop; IPv6 /,
    );
    assert.ok(server.ports.clock.now() - began >= 90_000, 'it had its time');
    assert.deepEqual(server.state(), before);
    assert.deepEqual(log.marks.slice(-3), ['s4 failed', 's3 undone', 's2 undone']);
  });

  it('moves to a new range, the old one open until the end, and back again', async () => {
    const server = start('30000-35000\n');
    const before = server.state();
    const { plan, log, ending } = await apply(server, { range: [50000, 51000] });
    assert.deepEqual(shape(plan), [
      ...['ask gate', `write ${SETTINGS}`, `run ${RELOAD}`, 'ask reach', 'ask reach'],
      ...['write /var/lib/whm-ftp-passive/settings.json', `write ${SETTINGS}`, `run ${RELOAD}`, 'ask reach'],
    ]);
    assert.equal(ending.state, 'done', JSON.stringify(ending));
    const texts = plan.steps.flatMap((step) =>
      'after' in step && step.path === SETTINGS ? [step.before, step.after] : [],
    );
    assert.deepEqual(texts, [
      '30000-35000\n',
      '30000-35000\n50000-51000\n',
      '30000-35000\n50000-51000\n',
      '50000-51000\n',
    ]);
    assert.deepEqual([meets(server, 30000), meets(server, 50000)], ['silent', 'open']);
    assert.equal((await makePlan(server.ports, only({ range: [50000, 51000] }))).empty, true);
    assert.equal(await takeBack(server.ports, plan, log.entries, openLog('u1')), null);
    assert.deepEqual(server.state(), before);
  });

  it('is closed around a narrower range', async () => {
    const server = start('49152-65534\n');
    const { plan, ending } = await apply(server, { range: [50000, 51000] });
    assert.equal(ending.state, 'done', JSON.stringify(ending));
    assert.ok(!shape(plan).includes('ask gate'));
    assert.deepEqual(
      [49999, 50000, 51000, 51001].map((port) => meets(server, port)),
      ['silent', 'open', 'open', 'silent'],
    );
    assert.equal(server.disk.text(SETTINGS), '50000-51000\n');
  });

  it('is told only in its settings where the rules in force are right already', async () => {
    const server = start('', { live: '49152-65534\n' });
    const status = statusOf(await survey(server.ports, only()), only());
    assert.deepEqual(
      status.findings.filter(({ level }) => level !== 'good').map(({ id, fact }) => [id, fact]),
      [['keeper-forgets', 'The rules in force let 49152-65534 in; the settings of csf do not.']],
    );
    assert.deepEqual(shape(await makePlan(server.ports, only())), [`write ${SETTINGS}`, 'ask reach']);
    server.disk.put(SETTINGS, '49152-65534\n');
    assert.equal((await makePlan(server.ports, only())).empty, true);
    assert.equal(statusOf(await survey(server.ports, only()), only()).ok, true);
  });

  it('is opened beside plain rules, where both stop the range', async () => {
    const early =
      'table inet guard {\n\tchain early {\n\t\ttype filter hook prerouting priority -150; policy accept;\n\t\ttcp dport 1024-65535 drop\n\t}\n}\n';
    const server = start();
    server.kernel.load(early);
    server.programs.set(RELOAD, (argv) => {
      server.kernel.load('insert rule inet filter keeper index 0 tcp dport 49152-65534 accept');
      return result(argv);
    });
    const { plan, ending } = await apply(server);
    assert.deepEqual(shape(plan), [
      ...['ask gate', `run ${NFT}`, `write ${SETTINGS}`, `run ${RELOAD}`, 'ask reach', 'ask reach'],
    ]);
    assert.equal(ending.state, 'done', JSON.stringify(ending));
    assert.equal(meets(server, 50000), 'open');
  });
});

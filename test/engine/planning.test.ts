import assert from 'node:assert/strict';
import { FLAGS } from '../../src/ftp/rebuild.ts';
import type { Plan, Step } from '../../src/core/plan.ts';
import type { Settings } from '../../src/core/settings.ts';
import { applyPlan } from '../../src/engine/apply.ts';
import { makePlan } from '../../src/engine/planning.ts';
import { CONF, LOCAL, MAIN } from '../ftp/cpanel.ts';
import { openLog } from './log.ts';
import { BOOT, NFT, RULES, SETTINGS_PATH, SETUP, settings, startServer, type Server } from './server.ts';

/** A step in a few words. */
function short(step: Step): string {
  if (step.kind === 'write') return `write ${step.path}`;
  return 'question' in step ? `ask ${step.question.ask}` : `run ${step.command[0] ?? ''}`;
}
const shape = (plan: Plan): string[] => plan.steps.map(short);

async function apply(server: Server, wanted: Settings): Promise<void> {
  const log = openLog();
  const ending = await applyPlan(
    server.ports,
    await makePlan(server.ports, wanted),
    wanted,
    log,
    new AbortController().signal,
  );
  assert.equal(ending.state, 'done', JSON.stringify(ending.problem));
}

const EVERYTHING = [
  'ask gate',
  `run ${NFT}`,
  `write ${BOOT}`,
  'ask boot-files',
  `write ${LOCAL}`,
  `run ${SETUP}`,
  'ask rendered',
  'ask transfer',
  'ask reach',
];

describe('a plan', () => {
  it('opens, keeps, writes, renders, checks and proves, in this order', async () => {
    const plan = await makePlan(startServer().ports, settings());
    assert.deepEqual(shape(plan), EVERYTHING);
    assert.deepEqual(
      plan.steps.map(({ id }) => id),
      EVERYTHING.map((_, index) => `s${index + 1}`),
    );
    assert.equal(plan.empty, false);
    assert.ok(plan.steps.every(({ title, why, undoable }) => title !== '' && why !== '' && undoable));
  });

  it('changes nothing while it is made, and leaves no twin behind', async () => {
    const server = startServer();
    const before = server.state();
    await makePlan(server.ports, settings());
    assert.deepEqual(server.state(), before);
    assert.equal(server.twins.count, 0);
    assert.deepEqual(server.calls, []);
  });

  it('puts the rule before the one that decides, in the kernel and in the saved script', async () => {
    const { steps } = await makePlan(startServer().ports, settings());
    const run = steps.find((step) => step.kind === 'run');
    assert.ok(run?.kind === 'run' && 'stdin' in run);
    assert.deepEqual(run.command, [NFT, '-e', '-f', '-']);
    assert.match(
      run.stdin ?? '',
      /^insert rule inet filter input handle \d+ tcp dport 49152-65534 accept comment "ftp-passive:managed"\n$/,
    );
    const write = steps.find((step) => step.kind === 'write');
    assert.ok(write?.kind === 'write');
    assert.equal(
      write.after,
      `flush ruleset\n${RULES.replace('\t\treject', '\t\ttcp dport 49152-65534 accept comment "ftp-passive:managed"\n\t\treject')}`,
    );
    assert.match(write.diff, /^\+\t\ttcp dport 49152-65534 accept/m);
  });

  it('holds all that cPanel may rewrite as touched, and the restart as its way back', async () => {
    const { steps } = await makePlan(startServer().ports, settings());
    const run = steps.find((step) => step.kind === 'run' && step.command[0] === SETUP);
    assert.ok(run?.kind === 'run' && 'touches' in run);
    assert.deepEqual(run.touches, [MAIN, LOCAL, `${MAIN}.cache`, `${LOCAL}.cache`, CONF, ...FLAGS]);
    assert.equal(run.undo?.kind, 'command');
    assert.equal(run.tty, true);
  });

  it('is empty once it was applied', async () => {
    for (const nat of [true, false]) {
      const server = startServer({ nat });
      await apply(server, settings());
      const plan = await makePlan(server.ports, settings());
      assert.deepEqual([plan.empty, shape(plan)], [true, []]);
    }
  });

  it('has only the half that was asked for', async () => {
    const { ports } = startServer();
    assert.deepEqual(shape(await makePlan(ports, settings({ only: 'firewall' }))), [
      ...EVERYTHING.slice(0, 4),
      'ask reach',
    ]);
    assert.deepEqual(shape(await makePlan(ports, settings({ only: 'ftp' }))), EVERYTHING.slice(4, 8));
  });

  it('needs no FTP for the firewall half, not even cPanel', async () => {
    const plan = await makePlan(startServer({ config: null }).ports, settings({ only: 'firewall' }));
    assert.equal(shape(plan)[1], `run ${NFT}`);
  });

  it('leaves a firewall alone that lets the range in already, by whatever rule', async () => {
    const open = RULES.replace('\t\treject', '\t\ttcp dport 40000-65535 accept\n\t\treject');
    const plan = await makePlan(startServer({ rules: open }).ports, settings());
    assert.deepEqual(shape(plan), EVERYTHING.slice(4));
    const none = await makePlan(startServer({ rules: '', boot: null }).ports, settings());
    assert.deepEqual(shape(none), EVERYTHING.slice(4));
  });

  it('keeps the rule only where rules are kept', async () => {
    const plan = await makePlan(startServer({ boot: null }).ports, settings({ only: 'firewall' }));
    assert.deepEqual(shape(plan), ['ask gate', `run ${NFT}`, 'ask reach']);
    assert.ok(plan.notes.some(({ id }) => id === 'boot-none'));
  });

  it('mends the saved script alone when the kernel is right', async () => {
    const open = RULES.replace('\t\treject', '\t\ttcp dport 49152-65534 accept\n\t\treject');
    const plan = await makePlan(
      startServer({ rules: open, boot: RULES }).ports,
      settings({ only: 'firewall' }),
    );
    assert.deepEqual(shape(plan), [`write ${BOOT}`, 'ask boot-files', 'ask reach']);
  });

  it('opens a new range first, closes the old one last, and then proves once more', async () => {
    const server = startServer();
    await apply(server, settings({ range: [30000, 35000] }));
    const plan = await makePlan(server.ports, settings({ range: [50000, 51000] }));
    assert.deepEqual(shape(plan), [
      ...EVERYTHING.slice(0, 5),
      `write ${MAIN}.cache`,
      `write ${LOCAL}.cache`,
      ...EVERYTHING.slice(5),
      `write ${SETTINGS_PATH}`,
      `run ${NFT}`,
      `write ${BOOT}`,
      'ask reach',
    ]);
    await apply(server, settings({ range: [50000, 51000] }));
    for (const text of [server.kernel.listing(), server.disk.text(BOOT) ?? '']) {
      assert.deepEqual(text.match(/dport \d+-\d+/g), ['dport 50000-51000']);
    }
    assert.equal((await makePlan(server.ports, settings({ range: [50000, 51000] }))).empty, true);
  });

  it('closes what is too wide when the range becomes narrower', async () => {
    const server = startServer();
    await apply(server, settings());
    await apply(server, settings({ range: [50000, 51000] }));
    const open = (port: number): string => server.kernel.meet('ipv4', port).outcome;
    assert.deepEqual([49999, 50000, 51000, 51001].map(open), ['refused', 'open', 'open', 'refused']);
  });

  it('remembers settings that differ, and no default', async () => {
    const server = startServer();
    await apply(server, settings());
    assert.equal(server.disk.text(SETTINGS_PATH), null);
    const plan = await makePlan(server.ports, settings({ ipv6: false }));
    assert.deepEqual(shape(plan), [`write ${SETTINGS_PATH}`]);
  });
});

describe('the id of a plan', () => {
  const idOf = async (server: Server, some: Partial<Settings> = {}): Promise<string> =>
    (await makePlan(server.ports, settings(some))).id;

  it('is the same for the same server and settings', async () => {
    const server = startServer();
    const id = await idOf(server);
    assert.match(id, /^[0-9a-f]{16}$/);
    assert.equal(await idOf(server), id);
    assert.equal(await idOf(startServer()), id);
  });

  it('differs for other settings', async () => {
    const server = startServer();
    const ids = await Promise.all([
      idOf(server),
      idOf(server, { range: [50000, 60000] }),
      idOf(server, { only: 'ftp' }),
    ]);
    assert.equal(new Set(ids).size, 3);
  });

  for (const [what, change] of [
    ['a store that somebody edited', (server) => server.disk.put(LOCAL, 'TLS: 2\n')],
    ['a saved script that somebody edited', (server) => server.disk.put(BOOT, `${RULES}# mine\n`)],
    ['a mode that somebody changed', (server) => server.disk.put(BOOT, server.disk.text(BOOT), 0o644)],
    [
      'a rule that somebody added above',
      (server) => server.kernel.load('insert rule inet filter input drop'),
    ],
  ] as const satisfies readonly (readonly [string, (server: Server) => void])[]) {
    it(`differs after ${what}`, async () => {
      const server = startServer();
      const before = await idOf(server);
      change(server);
      assert.notEqual(await idOf(server), before);
    });
  }
});

import assert from 'node:assert/strict';
import type { Finding } from '../../src/core/finding.ts';
import type { Ensured } from '../../src/runs/ensure.ts';
import { isNews, keepWatching, readWatching, tellNews, type Watching } from '../../src/runs/watching.ts';
import { startServer, type Server } from '../engine/server.ts';
import { exit, PLACES } from './watched.ts';

const OFF: Watching = { mode: 'off', told: null, failedPlan: null, right: null };
const BLOCKED: Finding = {
  id: 'range-blocked-ipv4',
  level: 'bad',
  title: 'Blocked',
  fact: 'By a rule.',
  fix: '',
};

const looked = (outcome: Ensured['outcome'], some: Partial<Ensured> = {}): Ensured => {
  const findings = outcome === 'right' || outcome === 'not-ours' ? [] : [BLOCKED];
  return { outcome, sentence: `It is ${outcome}.`, run: null, findings, plan: null, ...some };
};

describe('the watch', () => {
  let server: Server;
  let told: { argv: readonly string[]; stdin: string }[];
  let codes: Record<string, number | null>;
  beforeEach(() => {
    server = startServer();
    told = [];
    codes = { [PLACES.notify]: 0, '/usr/sbin/sendmail': 0 };
    for (const program of Object.keys(codes)) {
      server.programs.set(program, (argv, { stdin = '' }) => {
        told.push({ argv, stdin });
        return exit(argv, codes[program] ?? null, '', 'no such module');
      });
    }
  });

  const next = async (ensured: Ensured): Promise<string | null> =>
    tellNews(server.ports, PLACES, await readWatching(server.ports, PLACES), ensured);

  it('remembers what it was turned on for, and begins anew with a memory that cannot be read', async () => {
    assert.deepEqual(await readWatching(server.ports, PLACES), OFF);
    await keepWatching(server.ports, PLACES, { ...OFF, mode: 'notify' });
    assert.equal((await readWatching(server.ports, PLACES)).mode, 'notify');
    server.disk.put(PLACES.state, '{"mode":"rep');
    assert.deepEqual(await readWatching(server.ports, PLACES), OFF);
  });

  it('says nothing while everything is right', async () => {
    for (const outcome of ['right', 'not-ours', 'right'] as const) await next(looked(outcome));
    assert.deepEqual(told, []);
  });

  it('tells of each change once, and of the way back', async () => {
    const heads = (): string[] => told.map(({ argv }) => argv[1] ?? '');
    for (let again = 0; again < 3; again += 1) await next(looked('undone'));
    assert.deepEqual(heads(), ['server.example.com: passive FTP was undone']);
    await next(looked('undone', { findings: [BLOCKED, { ...BLOCKED, id: 'boot-blocked' }] }));
    await next(looked('busy'));
    assert.equal(told.length, 2);
    for (let again = 0; again < 3; again += 1) await next(looked('right'));
    assert.equal(told.length, 3);
    assert.equal(heads().at(-1), 'server.example.com: passive FTP is right again');
  });

  it('tells of every repair, with what was found and the run', async () => {
    const repaired = looked('repaired', { run: '20261122T102233Z-1a2b3c' });
    assert.ok(isNews(repaired, { ...OFF, told: 'right' }));
    await next(repaired);
    await next(looked('right'));
    assert.equal(told.length, 1);
    assert.match(told[0]?.stdin ?? '', /^It is repaired\.\n\nBlocked\n {2}By a rule\.\n/);
    assert.match(told[0]?.stdin ?? '', /ftp-passive show 20261122T102233Z-1a2b3c/);
  });

  it('remembers the plan of a repair that failed until one does not', async () => {
    await next(looked('failed', { plan: 'abc' }));
    assert.equal((await readWatching(server.ports, PLACES)).failedPlan, 'abc');
    await next(looked('failed', { plan: 'abc' }));
    assert.equal(told.length, 1);
    await next(looked('repaired'));
    assert.equal((await readWatching(server.ports, PLACES)).failedPlan, null);
  });

  it('mails root where WHM does not take it', async () => {
    codes[PLACES.notify] = 2;
    assert.equal(await next(looked('undone')), null);
    assert.deepEqual(told.at(-1)?.argv, ['/usr/sbin/sendmail', '-oi', '-t']);
    assert.match(
      told.at(-1)?.stdin ?? '',
      /^To: root\nSubject: server\.example\.com: passive FTP was undone\n/,
    );
  });

  it('tries again next time when nobody took it', async () => {
    Object.assign(codes, { [PLACES.notify]: 2, '/usr/sbin/sendmail': 1 });
    assert.equal(await next(looked('undone')), 'The administrator could not be told: no such module');
    Object.assign(codes, { [PLACES.notify]: 0 });
    assert.equal(await next(looked('undone')), null);
    assert.equal((await readWatching(server.ports, PLACES)).told, 'undone range-blocked-ipv4');
  });
});

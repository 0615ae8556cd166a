import assert from 'node:assert/strict';
import { AS_WRITTEN } from '../../src/core/file.ts';
import type { Step } from '../../src/core/plan.ts';
import { changedPaths } from '../../src/engine/apply.ts';
import { makePlan } from '../../src/engine/planning.ts';
import { takeBack } from '../../src/engine/undo.ts';
import { exits, run } from './applying.ts';
import { openLog } from './log.ts';
import { SETUP, settings, startServer, type Server } from './server.ts';

const MONITORED = '/etc/chkserv.d/chkservd.conf';
const OFF = 'cpsrvd:1\nftpd:0\nnamed:1\n';
const ON = OFF.replace('ftpd:0', 'ftpd:1');

/** A server whose cPanel switches its watch over FTP on whenever it is asked to set the server up. */
function watchful(text: string): Server {
  const server = startServer();
  server.disk.put(MONITORED, text, 0o644);
  const setup = server.programs.get(SETUP) ?? assert.fail();
  server.programs.set(SETUP, (argv, options) => {
    server.disk.put(MONITORED, ON);
    return setup(argv, options);
  });
  return server;
}

const writes = (steps: readonly Step[]): Step[] =>
  steps.filter((step) => step.kind === 'write' && step.path === MONITORED);

describe('the watch over the FTP server', () => {
  it('stays off where it was off: a step after cPanel’s command puts it back', async () => {
    const server = watchful(OFF);
    const { plan, ending } = await run(server);
    assert.equal(ending.state, 'done');
    assert.equal(server.disk.text(MONITORED), OFF);
    const [step] = writes(plan.steps);
    assert.ok(step?.kind === 'write');
    assert.deepEqual([step.expects, step.after], [AS_WRITTEN, OFF]);
    assert.match(step.diff, /^-ftpd:1\n\+ftpd:0$/m);
    const before = plan.steps[plan.steps.indexOf(step) - 1];
    assert.ok(before?.kind === 'run' && before.command[0] === SETUP);
  });

  it('is as it was after an undo too', async () => {
    const server = watchful(OFF);
    const before = server.state();
    const { plan, log } = await run(server);
    assert.equal(await takeBack(server.ports, plan, log.entries, openLog('u1')), null);
    assert.deepEqual(server.state(), before);
  });

  it('is put back when the run fails right after cPanel’s command', async () => {
    const server = watchful(OFF);
    server.programs.set(SETUP, (argv) => {
      server.disk.put(MONITORED, ON);
      return exits(0)(argv);
    });
    const { ending } = await run(server);
    assert.equal(ending.state, 'undone');
    assert.equal(server.disk.text(MONITORED), OFF);
  });

  it('is left to cPanel where it was on, and where its file says nothing of it', async () => {
    for (const text of [ON, 'cpsrvd:1\n']) {
      const plan = await makePlan(watchful(text).ports, settings());
      assert.ok(!changedPaths(plan).includes(MONITORED));
    }
  });
});

describe('settings that cPanel does not take', () => {
  const path = '/etc/proftpd.conf.INVALID-validity.2026-11-22T10:00:00Z.1a2b3c';

  it('fail the run, and the file that it put them in is named', async () => {
    const server = startServer();
    const setup = server.programs.get(SETUP) ?? assert.fail();
    server.programs.set(SETUP, (argv, options) => {
      server.disk.put(path, 'Port 21\n');
      return setup(argv, options);
    });
    const { ending } = await run(server);
    assert.ok(ending.state === 'undone');
    assert.equal(
      ending.problem?.message,
      `cPanel did not take the settings: it put them aside as ${path} and wrote new ones, in which changes made by hand are missing.`,
    );
  });

  it('of an earlier time do not fail it', async () => {
    const server = startServer();
    server.disk.put(path, 'Port 21\n');
    assert.equal((await run(server)).ending.state, 'done');
  });
});

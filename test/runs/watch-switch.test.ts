import assert from 'node:assert/strict';
import { Problem } from '../../src/core/problem.ts';
import { readWatching } from '../../src/runs/watching.ts';
import { watchOff, watchOn, watchStanding } from '../../src/runs/watch-switch.ts';
import { startServer, type Server } from '../engine/server.ts';
import { exit, PLACES } from './watched.ts';

const HOOKS = '/usr/local/cpanel/bin/manage_hooks';
const TIMER = 'ftp-passive-watch.timer';
const EVENT = '--manual --category System --event upcp --stage post';

describe('the switch of the watch', () => {
  let server: Server;
  let enabled: boolean;
  let hooks: string[];
  /** What systemd says to a unit that it does not have. */
  let refusal: string;
  beforeEach(() => {
    server = startServer();
    [enabled, hooks, refusal] = [false, [], ''];
    server.disk.programs.add(HOOKS);
    server.programs.set('/usr/bin/systemctl', (argv) => {
      const [, verb] = argv;
      if (verb === 'is-enabled') return exit(argv, enabled ? 0 : 1);
      if (refusal !== '') return exit(argv, 1, '', refusal);
      enabled = verb === 'enable';
      return exit(argv, 0);
    });
    server.programs.set(HOOKS, (argv) => {
      const [, verb, , script = ''] = argv;
      if (verb === 'add') hooks.push(script);
      if (verb === 'delete') hooks = hooks.filter((each) => each !== script);
      return exit(argv, 0, verb === 'list' ? hooks.join('\n') : '');
    });
  });

  const stands = (): ReturnType<typeof watchStanding> => watchStanding(server.ports, PLACES);

  it('is off until somebody turns it on', async () => {
    assert.deepEqual(await stands(), { mode: 'off', timer: false, hook: false });
  });

  it('enables the timer and registers the hook, once', async () => {
    const on = { mode: 'repair', timer: true, hook: true };
    assert.deepEqual(await watchOn(server.ports, PLACES, 'repair', null), on);
    assert.deepEqual(await watchOn(server.ports, PLACES, 'repair', null), on);
    assert.deepEqual(hooks, [PLACES.afterUpdate]);
    assert.ok(server.calls.includes(`/usr/bin/systemctl enable --now ${TIMER}`));
    assert.ok(server.calls.includes(`${HOOKS} add script ${PLACES.afterUpdate} ${EVENT}`));
  });

  it('may be turned on only to tell', async () => {
    assert.equal((await watchOn(server.ports, PLACES, 'notify', null)).mode, 'notify');
    assert.equal((await readWatching(server.ports, PLACES)).mode, 'notify');
  });

  it('takes both away again, and nothing of others', async () => {
    hooks = ['/root/theirs'];
    await watchOn(server.ports, PLACES, 'repair', null);
    assert.deepEqual(await watchOff(server.ports, PLACES), { mode: 'off', timer: false, hook: false });
    assert.deepEqual(hooks, ['/root/theirs']);
    assert.ok(server.calls.includes(`/usr/bin/systemctl disable --now ${TIMER}`));
    const before = server.calls.length;
    await watchOff(server.ports, PLACES);
    const more = server.calls.slice(before).filter((call) => !/ (list|is-enabled)\b/.test(call));
    assert.deepEqual(more, []);
  });

  it('leaves the watch off where the timer cannot be started', async () => {
    refusal = `Failed to enable unit: Unit file ${TIMER} does not exist.\n`;
    await assert.rejects(watchOn(server.ports, PLACES, 'repair', null), (error: unknown) => {
      assert.ok(error instanceof Problem);
      assert.match(error.message, /does not exist\. Its unit comes with install\.sh\.$/);
      return true;
    });
    assert.equal((await readWatching(server.ports, PLACES)).mode, 'off');
    assert.deepEqual(hooks, []);
  });

  it('goes without the hook where cPanel has none', async () => {
    server.disk.programs.delete(HOOKS);
    assert.deepEqual(await watchOn(server.ports, PLACES, 'repair', null), {
      mode: 'repair',
      timer: true,
      hook: null,
    });
  });
});

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { openWorld, type Outcome, type World } from './world.ts';

/** The programs that install.sh changes something with; what stands first in its PATH kills it at one of their calls. */
const PROGRAMS = ['rm', 'mkdir', 'cp', 'ln', 'mv', 'chmod', 'install', 'touch', 'systemctl'];
const TOOLS = ['register_appconfig', 'unregister_appconfig', 'manage_hooks'];

/**
 * Counts its calls, and at the one that /run/kill-at names kills who called it, after its work. Looks, which change
 * nothing, do not count, nor does what a stand-in calls.
 */
const killer = (real: string): string => `#!/bin/sh
case " $* " in " list "* | " is-"*) exec ${real} "$@" ;; esac
count=$(($(cat /run/count) + 1)); echo $count >/run/count
read -r at </run/kill-at
PATH=/usr/sbin:/usr/bin:/sbin:/bin ${real} "$@"; ended=$?
if [ $count -eq $at ]; then kill -9 $PPID; fi
exit $ended
`;

describe('install.sh that is killed', function () {
  this.timeout(300_000);
  let world: World;

  before(async () => {
    world = await openWorld();
    world.sh(`mkdir -p ${world.tree}/node/bin && ln -s "$(command -v node)" ${world.tree}/node/bin/node`);
    for (const program of PROGRAMS) {
      const real = program === 'systemctl' ? '/run/real-systemctl' : `/usr/bin/${program}`;
      if (program === 'systemctl') world.sh(`mv /usr/local/sbin/systemctl ${real}`);
      put(`/usr/local/sbin/${program}`, killer(real));
    }
    for (const tool of TOOLS) {
      world.sh(`mv /usr/local/cpanel/bin/${tool} /run/${tool}`);
      put(`/usr/local/cpanel/bin/${tool}`, killer(`/run/${tool}`));
    }
  });
  after(() => world.close());

  function put(path: string, text: string): void {
    world.sh(`/usr/bin/cat >${path} <<'END'\n${text}END\n/usr/bin/chmod 755 ${path}`);
  }

  /** @param at which call kills; 0 for none */
  function script(at: number, ...options: readonly string[]): Outcome {
    world.sh(`echo 0 >/run/count; echo ${at} >/run/kill-at`);
    return world.run(join(world.tree, 'install.sh'), ...options);
  }

  const calls = (): number => Number(world.sh('cat /run/count').stdout);
  const places =
    'opt etc/systemd etc/os-release usr/local/cpanel usr/local/bin var/lib/whm* var/cpanel run/whm* run/hooks';
  /** What is where, with the text of each file; of directories the mode. */
  const state = (): string =>
    world.sh(`cd / && for place in ${places}; do [ ! -e $place ] || /usr/bin/find $place \\
      \\( -type d -printf '%p %m\\n' \\) -o \\( -type l -printf '%p %l\\n' \\) -o -printf '%p %m %s\\n'; done | sort
      sha256sum /run/hooks`).stdout;

  it('after any of its commands ends whole when it is run again', () => {
    const clean = state();
    assert.equal(script(0).status, 0);
    const [whole, all] = [state(), calls()];
    assert.ok(all > 25, `${all} commands`);
    for (let at = 1; at <= all; at++) {
      script(0, '--uninstall');
      assert.notEqual(script(at).status, 0, `command ${at} killed nothing`);
      const again = script(0);
      assert.equal(again.status, 0, `command ${at}: ${again.stderr}`);
      assert.equal(state(), whole, `killed after command ${at}`);
    }
    script(0, '--uninstall');
    assert.equal(state(), clean);
  });

  it('while it upgrades, after any of its commands, ends whole when it is run again', () => {
    script(0);
    const whole = state();
    script(0, '--upgrade');
    for (let at = 1, all = calls(); at <= all; at++) {
      assert.notEqual(script(at, '--upgrade').status, 0);
      const again = script(0);
      assert.equal(again.status, 0, again.stderr);
      assert.equal(state(), whole, `killed after command ${at}`);
    }
  });

  it('while it uninstalls, after any of its commands, leaves nothing when it is run again', () => {
    script(0, '--uninstall');
    const clean = state();
    script(0);
    script(0, '--uninstall');
    for (let at = 1, all = calls(); at <= all; at++) {
      script(0);
      assert.notEqual(script(at, '--uninstall').status, 0);
      const again = script(0, '--uninstall');
      assert.equal(again.status, 0, again.stderr);
      assert.equal(state(), clean, `killed after command ${at}`);
    }
  });
});

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { openWorld } from './world.ts';

const INSTALLED = '/opt/whm-ftp-passive';

/**
 * The whole life of an installation in a world whose /bin/sh is this program: what each part of it printed and how it
 * ended. Bash is sh on AlmaLinux, dash on Ubuntu.
 */
async function live(shell: string, environment: readonly string[]): Promise<readonly string[]> {
  const world = await openWorld();
  try {
    world.sh(`mount --bind "$(readlink -f "$(command -v ${shell})")" "$(readlink -f /bin/sh)"`);
    const tell = (...command: readonly string[]): string => {
      const { status, stdout, stderr } = world.run('env', ...environment, ...command);
      return `${command.join(' ')}: ${status ?? 'killed'}\n${stdout}${stderr}`.replaceAll(world.tree, 'TREE');
    };
    const install = join(world.tree, 'install.sh');
    return [
      world.run('sh', '-c', 'readlink /proc/$$/exe; echo "${BASH_VERSION:-no bash} ${BASH_COMPAT:-}"').stdout,
      tell(install, '--nonsense'),
      tell(install, '--check'),
      tell(install, '--dry-run'),
      tell(install),
      tell(install),
      tell(join(INSTALLED, 'install.sh'), '--check'),
      tell('/usr/local/bin/ftp-passive', 'status', 'with a blank', '*'),
      tell('rm', '/etc/systemd/system/ftp-passive.socket'),
      tell(join(INSTALLED, 'install.sh'), '--check'),
      tell(join(INSTALLED, 'plugin/bin/put-back'), '11.136.0.5', '11.138.0.19'),
      tell(join(INSTALLED, 'plugin/bin/after-update')),
      tell(install, '--upgrade'),
      tell(join(INSTALLED, 'install.sh'), '--purge'),
      world
        .listing()
        .filter((line) => !line.includes('run/'))
        .length.toString(),
    ];
  } finally {
    await world.close();
  }
}

describe('every program of an installation', function () {
  this.timeout(120_000);

  it('says and does the same where sh is dash and where it is bash, in the manner of EL8’s too', async () => {
    const [ubuntu, ...lived] = await live('dash', []);
    assert.match(ubuntu ?? '', /no bash/);
    assert.ok(
      lived.some((told) => /: 0\n(\+ .*\n){20}/.test(told)),
      lived.join('\n'),
    );
    for (const environment of [[], ['BASH_COMPAT=4.4']]) {
      const [shell, ...same] = await live('bash', environment);
      assert.match(shell ?? '', /^\/usr\/bin\/dash\n\d+\./);
      assert.deepEqual(same, lived);
    }
  });
});

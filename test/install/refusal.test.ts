import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openWorld, type Outcome, type World } from './world.ts';

const BOOT = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

describe('install.sh refuses', function () {
  this.timeout(60_000);
  let world: World;

  beforeEach(async () => {
    world = await openWorld();
  });

  afterEach(async () => {
    await world.close();
  });

  const script = (): string => join(world.tree, 'install.sh');

  /** One sentence on stderr, nothing on stdout, nothing changed. */
  function refused(command: readonly string[], status: number, sentence: RegExp): void {
    const before = world.listing();
    const outcome: Outcome = world.run(...command);
    assert.equal(outcome.status, status, outcome.stderr);
    assert.match(outcome.stderr, sentence);
    assert.match(outcome.stderr, /^[^\n]+\.( [^\n]+\.)?\n$/);
    assert.equal(outcome.stdout, '');
    assert.deepEqual(world.listing(), before);
  }

  it('an option that it does not know', () => {
    refused([script(), '--force'], 2, /^"--force" is not an option/);
  });

  it('anyone but root', () => {
    world.sh(`chmod -R a+rX ${world.tree}`);
    const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--'];
    refused([...nobody, script()], 1, /^Only root can do this/);
  });

  for (const path of ['version', 'bin/register_appconfig', '3rdparty/bin/perl']) {
    it(`a machine without /usr/local/cpanel/${path}`, () => {
      world.sh(`rm /usr/local/cpanel/${path}`);
      refused([script()], 1, /^This machine has no cPanel & WHM/);
    });
  }

  for (const path of ['dist/main.js', 'plugin/public/app.js', 'node_modules/node-pty/package.json']) {
    it(`a tree without ${path}`, () => {
      world.sh(`rm ${world.tree}/${path}`);
      refused([script()], 1, /is missing: run script\/build first/);
    });
  }

  for (const system of ['debian-12', 'centos-7', 'almalinux-11', 'ubuntu-20.04']) {
    it(`a system like ${system}`, () => {
      world.sh(`cp ${join(import.meta.dirname, '../fixtures/os-release', system)} /etc/os-release`);
      refused([script()], 1, /^This system \([a-z]+ [\d.]+, x86_64\) is not one that the plugin knows/);
    });
  }

  it('a processor that the plugin’s Node is not made for', () => {
    world.sh(`printf '#!/bin/sh\necho aarch64\n' >/usr/local/sbin/uname && chmod 755 /usr/local/sbin/uname`);
    refused([script()], 1, /^This system \(ubuntu 24\.04, aarch64\) is not one/);
  });

  it('a disk with too little room', () => {
    world.sh(`printf '#!/bin/sh\necho head\necho "/dev/vda1 9999999 9899999 100000 99%% /"\n' >/usr/local/sbin/df
      chmod 755 /usr/local/sbin/df`);
    refused([script()], 1, /^Too little room on the disk: \/opt has 97 MB free, and 500 MB are needed/);
  });

  it('a release that is not as it was released', () => {
    world.sh(`cd ${world.tree} && find . -type f ! -name SHA256SUMS -exec sha256sum {} + >SHA256SUMS
      echo more >>dist/main.js`);
    refused([script()], 1, /is not as it was released: unpack the tarball again\.$/m);
  });

  it('to upgrade where nothing is installed', () => {
    refused([script(), '--upgrade'], 1, /^Nothing that could be upgraded is in \/opt\/whm-ftp-passive/);
  });

  it('two deeds at once', () => {
    refused([script(), '--check', '--upgrade'], 2, /^Only one of these can be done at a time/);
  });

  it('while another one is at work', () => {
    const held = ['flock', '/opt', script()];
    refused(held, 1, /^Another install\.sh is at work/);
  });

  it('a machine whose only Node is too old', () => {
    const old = '#!/bin/sh\necho v18.20.4\n';
    world.sh(`printf '${old.replaceAll('\n', '\\n')}' >/run/node && chmod 755 /run/node
      mkdir -p /usr/local/bin && ln -sf /run/node /usr/local/bin/node
      if [ -x /usr/bin/node ]; then mount --bind /run/node /usr/bin/node; fi
      if [ -x /bin/node ]; then mount --bind /run/node /bin/node; fi`);
    refused([script()], 1, /^No Node\.js of version 20\.19 or later was found/);
  });

  for (const option of ['--dry-run', '--uninstall']) {
    it(`with ${option} while a run is at work`, () => {
      world.sh(`mkdir -m 0700 /var/lib/whm-ftp-passive
        echo '{"run":"r1", "pid": ${process.pid}, "boot":"${BOOT}"}' >/var/lib/whm-ftp-passive/lock`);
      refused([script(), option], 1, new RegExp(`^A run is at work in process ${process.pid}:`));
    });
  }

  for (const [why, pid, boot] of [
    ['the process that held the lock is gone', 4194304, BOOT],
    ['another process has its number since a boot', process.pid, '0b1e22ff-3c55-4b84-9a56-1c1c5f6f0a6c'],
  ] as const) {
    it(`not when ${why}`, () => {
      world.sh(`mkdir -m 0700 /var/lib/whm-ftp-passive
        echo '{"pid":${pid}, "boot":"${boot}"}' >/var/lib/whm-ftp-passive/lock`);
      const outcome = world.run(script());
      assert.equal(outcome.status, 0, outcome.stderr);
    });
  }
});

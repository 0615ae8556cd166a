import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openWorld, type Outcome, type World } from './world.ts';

const REGISTER = /register_appconfig/;
const FIXTURES = join(import.meta.dirname, '../fixtures/os-release');
const SYSTEMS = [
  ...['almalinux', 'rocky', 'cloudlinux'].flatMap((name) => [8, 9, 10].map((major) => `${name}-${major}`)),
  'ubuntu-22.04',
  'ubuntu-24.04',
];

describe('install.sh', function () {
  this.timeout(60_000);
  let world: World;

  beforeEach(async () => {
    world = await openWorld();
  });

  afterEach(async () => {
    await world.close();
  });

  const install = (...options: readonly string[]): Outcome =>
    world.run(join(world.tree, 'install.sh'), ...options);

  /** The commands an outcome names: what was printed by the function that also runs them. */
  const commands = (outcome: Outcome): string[] =>
    outcome.stdout
      .split('\n')
      .filter((line) => line.startsWith('+ '))
      .map((line) => line.slice(2));

  function installed(): void {
    const outcome = install();
    assert.equal(outcome.status, 0, outcome.stderr);
  }

  function calls(): string[] {
    return world.sh('cat /run/calls').stdout.trim().split('\n');
  }

  for (const system of SYSTEMS) {
    it(`prints with --dry-run the commands that it then runs, and changes nothing, on ${system}`, () => {
      world.sh(`cp ${join(FIXTURES, system)} /etc/os-release`);
      const before = world.listing();
      const dry = install('--dry-run');
      assert.equal(dry.status, 0, dry.stderr);
      assert.deepEqual(world.listing(), before);
      assert.match(dry.stdout, /\nNothing was changed\.\n$/);

      const real = install();
      assert.equal(real.status, 0, real.stderr);
      assert.ok(commands(real).length > 20, real.stdout);
      assert.deepEqual(commands(dry), commands(real));
    });
  }

  it('gives SELinux’s labels to what it has laid, where SELinux is on', () => {
    assert.doesNotMatch(install('--dry-run').stdout, /restorecon/);
    world.sh(`printf '#!/bin/sh\nexit 0\n' >/usr/local/sbin/selinuxenabled
      printf '#!/bin/sh\nshift\nls -d "$@" >/run/labelled\n' >/usr/local/sbin/restorecon
      chmod 755 /usr/local/sbin/selinuxenabled /usr/local/sbin/restorecon`);
    installed();
    const labelled = world.sh('cat /run/labelled').stdout.split('\n');
    const laid = [
      '/opt/whm-ftp-passive',
      '/etc/systemd/system/ftp-passive.socket',
      '/usr/local/bin/ftp-passive',
    ];
    for (const path of laid) assert.ok(labelled.includes(path), path);
  });

  it('has cPanel put back after its updates what these have removed', () => {
    installed();
    const putBack = '/opt/whm-ftp-passive/plugin/bin/put-back';
    assert.equal(world.sh('cat /run/hooks').stdout, `${putBack}\n`);
    assert.match(
      world.sh('cat /var/cpanel/apps/ftp_passive.conf').stdout,
      new RegExp(`^upgradecall=${putBack}$`, 'm'),
    );
    world.sh(
      'rm -r /usr/local/cpanel/whostmgr/docroot/cgi/ftp_passive /etc/systemd/system/ftp-passive.socket',
    );
    world.sh(
      'rm -r /usr/local/cpanel/Cpanel/Config/ConfigObj/Driver/FtpPassive* /var/cpanel/apps/ftp_passive.conf',
    );
    assert.equal(install('--check').status, 1);
    assert.equal(world.sh(`${putBack} 11.136.0.5 11.138.0.19`).stdout, '1\n');
    const whole = install('--check');
    assert.equal(whole.status, 0, whole.stdout);
    assert.equal(world.sh('cat /run/hooks').stdout, `${putBack}\n`);
  });

  it('does nothing after an update that has removed nothing', () => {
    installed();
    const before = world.listing();
    assert.equal(world.sh('/opt/whm-ftp-passive/plugin/bin/put-back 11.136.0.5 11.138.0.19').stdout, '1\n');
    assert.deepEqual(world.listing(), before);
  });

  it('puts everything in its place with the modes that keep others out', () => {
    installed();
    const modes = world.sh(`cd / && stat -c '%n %a %U:%G' \\
      opt/whm-ftp-passive opt/whm-ftp-passive/plugin/bin/ftp-passive var/lib/whm-ftp-passive \\
      usr/local/cpanel/whostmgr/docroot/cgi/ftp_passive usr/local/cpanel/whostmgr/docroot/cgi/ftp_passive/* \\
      usr/local/cpanel/whostmgr/docroot/addon_plugins/* usr/local/cpanel/Cpanel/Config/ConfigObj/Driver/* \\
      usr/local/cpanel/Cpanel/Config/ConfigObj/Driver/FtpPassive/* etc/systemd/system/ftp-passive*`);
    assert.deepEqual(modes.stdout.trim().split('\n'), [
      'opt/whm-ftp-passive 755 root:root',
      'opt/whm-ftp-passive/plugin/bin/ftp-passive 755 root:root',
      'var/lib/whm-ftp-passive 700 root:root',
      'usr/local/cpanel/whostmgr/docroot/cgi/ftp_passive 700 root:root',
      'usr/local/cpanel/whostmgr/docroot/cgi/ftp_passive/app.js 644 root:root',
      'usr/local/cpanel/whostmgr/docroot/cgi/ftp_passive/index.cgi 700 root:root',
      'usr/local/cpanel/whostmgr/docroot/cgi/ftp_passive/style.css 644 root:root',
      'usr/local/cpanel/whostmgr/docroot/addon_plugins/ftp_passive.png 644 root:root',
      'usr/local/cpanel/Cpanel/Config/ConfigObj/Driver/FtpPassive 755 root:root',
      'usr/local/cpanel/Cpanel/Config/ConfigObj/Driver/FtpPassive.pm 644 root:root',
      'usr/local/cpanel/Cpanel/Config/ConfigObj/Driver/FtpPassive/META.pm 644 root:root',
      'etc/systemd/system/ftp-passive-switch.service 644 root:root',
      'etc/systemd/system/ftp-passive-watch.service 644 root:root',
      'etc/systemd/system/ftp-passive-watch.timer 644 root:root',
      'etc/systemd/system/ftp-passive.service 644 root:root',
      'etc/systemd/system/ftp-passive.socket 644 root:root',
    ]);
    assert.equal(world.sh('ls /opt/whm-ftp-passive/node_modules').stdout, '@lydell\nnode-pty\n');
  });

  it('brings WHM’s privilege along, and touches where WHM looks for such after it', () => {
    const place = '/usr/local/cpanel/Cpanel/Config/ConfigObj/Driver';
    world.sh(`touch -d 2020-01-01 ${place}`);
    const lines = commands(install());
    const touched = lines.indexOf(`touch ${place}`);
    assert.ok(touched > lines.findLastIndex((line) => line.startsWith('install') && line.includes(place)));
    assert.notEqual(world.sh(`stat -c %y ${place}`).stdout.slice(0, 4), '2020');
    world.sh(`touch -d 2020-01-01 ${place} && echo theirs >${place}/Theirs.pm`);
    world.sh(`touch -d 2020-01-01 ${place}`);
    const removed = commands(world.run(join(world.tree, 'install.sh'), '--uninstall'));
    assert.ok(removed.includes(`touch ${place}`));
    assert.equal(world.sh(`ls ${place}`).stdout, 'Theirs.pm\n');
    assert.notEqual(world.sh(`stat -c %y ${place}`).stdout.slice(0, 4), '2020');
  });

  it('installs a command that runs from anywhere with the Node found at installation', () => {
    installed();
    assert.equal(
      world.sh('cd /var && env -i /usr/local/bin/ftp-passive status --json').stdout,
      'main status --json\n',
    );
    assert.match(world.sh('readlink /opt/whm-ftp-passive/node/bin/node').stdout, /^\/.*\/node\n$/);
  });

  it('takes the Node that came with the product before any other', () => {
    world.sh(`mkdir -p ${world.tree}/node/bin && cp -L "$(command -v node)" ${world.tree}/node/bin/node`);
    installed();
    assert.equal(world.sh('stat -c %F /opt/whm-ftp-passive/node/bin/node').stdout, 'regular file\n');
    const first = world.sh('sh -x /usr/local/bin/ftp-passive 2>&1 | grep "exec "').stdout;
    assert.match(first, /exec \/opt\/whm-ftp-passive\/node\/bin\/node /);
  });

  it('registers last, after the socket is up', () => {
    installed();
    assert.deepEqual(calls(), [
      'systemctl daemon-reload',
      'systemctl stop ftp-passive.service',
      'systemctl enable --now ftp-passive.socket',
      'systemctl enable ftp-passive-switch.service',
      `register ${world.tree}/appconfig/ftp_passive.conf`,
    ]);
  });

  it('registers nothing the second time and ends with the same files', () => {
    installed();
    const contents =
      'cd / && find opt/whm-ftp-passive usr/local/cpanel etc/systemd/system -type f -exec sha256sum {} + | sort';
    const first = world.sh(contents).stdout;
    const again = install();
    assert.equal(again.status, 0, again.stderr);
    assert.doesNotMatch(again.stdout, REGISTER);
    assert.equal(world.sh(contents).stdout, first);
    assert.equal(calls().filter((call) => call.startsWith('register')).length, 1);
  });

  it('registers nothing when WHM keeps the conf in another order with comments', () => {
    installed();
    world.sh(
      'cd /var/cpanel/apps && { echo "# stored"; sort -r ftp_passive.conf; } >x && mv x ftp_passive.conf',
    );
    assert.doesNotMatch(install().stdout, REGISTER);
  });

  it('registers again when the conf has changed', () => {
    installed();
    world.sh('sed -i "s/^target=.*/target=_blank/" /var/cpanel/apps/ftp_passive.conf');
    assert.match(install().stdout, REGISTER);
    assert.doesNotMatch(install().stdout, REGISTER);
  });

  it('can be run from the installed place', () => {
    installed();
    const before = world.sh('ls -R /opt/whm-ftp-passive').stdout;
    const again = world.run('/opt/whm-ftp-passive/install.sh');
    assert.equal(again.status, 0, again.stderr);
    assert.equal(world.sh('ls -R /opt/whm-ftp-passive').stdout, before);
  });

  it('says so when WHM does not register the plugin', () => {
    world.sh('printf "#!/bin/sh\nexit 0\n" >/usr/local/cpanel/bin/register_appconfig');
    const outcome = install();
    assert.equal(outcome.status, 1);
    assert.match(outcome.stderr, /^The files are in place, but WHM did not register the plugin: [^\n]*\n$/);
  });
});

describe('install.sh --uninstall', function () {
  this.timeout(60_000);
  let world: World;
  let pristine: string[];

  beforeEach(async () => {
    world = await openWorld();
    pristine = world.listing();
    assert.equal(world.run(join(world.tree, 'install.sh')).status, 0);
    world.sh('mkdir -p /var/lib/whm-ftp-passive/runs/r1 && echo {} >/var/lib/whm-ftp-passive/settings.json');
  });

  afterEach(async () => {
    await world.close();
  });

  const uninstall = (...options: readonly string[]): Outcome =>
    world.run(join(world.tree, 'install.sh'), '--uninstall', ...options);

  /** Paths and kinds of what the host has not; a directory of the host may only have been written in. */
  const names = (listing: readonly string[]): string[] =>
    listing
      .map((line) => line.split(' ').slice(0, 2))
      .filter(([path = '', kind]) => path !== 'run/calls' && !(kind === 'd' && existsSync(`/${path}`)))
      .map((line) => line.join(' '));

  it('leaves no file behind', () => {
    const outcome = uninstall();
    assert.equal(outcome.status, 0, outcome.stderr);
    assert.deepEqual(names(world.listing()), names(pristine));
  });

  it('leaves no file behind when run from the installed place', () => {
    const outcome = world.run('/opt/whm-ftp-passive/install.sh', '--uninstall');
    assert.equal(outcome.status, 0, outcome.stderr);
    assert.deepEqual(names(world.listing()), names(pristine));
  });

  it('prints with --dry-run the commands that it then runs, and changes nothing', () => {
    const before = world.listing();
    const dry = uninstall('--dry-run');
    assert.deepEqual(world.listing(), before);
    const real = uninstall();
    const lines = (outcome: Outcome): string[] =>
      outcome.stdout.split('\n').filter((line) => line.startsWith('+ '));
    assert.ok(lines(real).length > 8, real.stdout);
    assert.deepEqual(lines(dry), lines(real));
  });

  it('takes the watch off, with its hook in cPanel, and no hook of others', () => {
    const mine = '/opt/whm-ftp-passive/plugin/bin/after-update';
    world.sh('mkdir -p /etc/systemd/system/timers.target.wants');
    world.sh(
      'ln -s ../ftp-passive-watch.timer /etc/systemd/system/timers.target.wants/ftp-passive-watch.timer',
    );
    world.sh(`printf '%s\\n' ${mine} /root/theirs >/run/hooks`);
    assert.equal(uninstall().status, 0);
    assert.equal(world.sh('cat /run/hooks').stdout, '/root/theirs\n');
    assert.doesNotMatch(world.sh('ls /etc/systemd/system/timers.target.wants').stdout, /ftp-passive/);
    assert.doesNotMatch(uninstall().stdout, /^\+ /m);
  });

  it('unregisters last', () => {
    uninstall();
    assert.equal(world.sh('tail -n 1 /run/calls').stdout, 'unregister ftp_passive\n');
  });

  it('finds nothing to do the second time', () => {
    uninstall();
    const again = uninstall();
    assert.equal(again.status, 0, again.stderr);
    assert.doesNotMatch(again.stdout, /^\+ /m);
  });

  it('leaves a command of the same name that is not ours', () => {
    world.sh('ln -sfn /bin/true /usr/local/bin/ftp-passive');
    uninstall();
    assert.equal(world.sh('readlink /usr/local/bin/ftp-passive').stdout, '/bin/true\n');
  });
});

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { openWorld, type Outcome, type World } from './world.ts';

const CGI = '/usr/local/cpanel/whostmgr/docroot/cgi/ftp_passive';

describe('install.sh --check', function () {
  this.timeout(60_000);
  let world: World;

  before(async () => {
    world = await openWorld();
    world.sh(`cd ${world.tree} && find . -type f ! -name SHA256SUMS -exec sha256sum {} + >SHA256SUMS`);
  });
  after(() => world.close());

  const script = (...options: readonly string[]): Outcome =>
    world.run(join(world.tree, 'install.sh'), ...options);

  it('says that nothing is installed where nothing is', () => {
    const { status, stderr } = script('--check');
    assert.deepEqual(
      [status, stderr],
      [1, 'The plugin is not installed: /opt/whm-ftp-passive is not there.\n'],
    );
  });

  it('finds what was just installed whole, and changes nothing', () => {
    assert.equal(script().status, 0);
    const before = world.listing();
    const { status, stdout } = script('--check');
    assert.deepEqual([status, stdout], [0, 'Whole: FTP Passive Mode 0.1.0.\n']);
    assert.deepEqual(world.listing(), before);
  });

  for (const [harm, sentence] of Object.entries({
    [`rm ${CGI}/index.cgi`]: `${CGI}/index.cgi is missing.`,
    [`echo more >>${CGI}/app.js`]: `${CGI}/app.js is not the one of this version.`,
    [`chmod 0755 ${CGI}/index.cgi`]: `${CGI}/index.cgi has mode 0755, not 0700.`,
    [`chmod 0755 ${CGI}`]: `${CGI} is not there with mode 0700.`,
    'chmod 0755 /var/lib/whm-ftp-passive': '/var/lib/whm-ftp-passive is not there with mode 0700.',
    'rm /usr/local/bin/ftp-passive': '/usr/local/bin/ftp-passive does not lead to /opt/whm-ftp-passive.',
    'rm /etc/systemd/system/sockets.target.wants/ftp-passive.socket': 'ftp-passive.socket is not enabled.',
    'rm /run/whm-ftp-passive/http.sock': 'ftp-passive.socket does not listen.',
    'rm /var/cpanel/apps/ftp_passive.conf': 'WHM has the plugin not registered as it should be.',
    ': >/run/hooks': 'cPanel has no hook for /opt/whm-ftp-passive/plugin/bin/put-back.',
    'rm -r /usr/local/cpanel/Cpanel/Config/ConfigObj/Driver/FtpPassive.pm':
      '/usr/local/cpanel/Cpanel/Config/ConfigObj/Driver/FtpPassive.pm is missing.',
  })) {
    it(`names what is wrong after: ${harm}; install.sh from the installed place mends it`, () => {
      world.sh(harm);
      const { status, stdout, stderr } = script('--check');
      assert.deepEqual([status, stdout], [1, `${sentence}\n`]);
      assert.match(stderr, /^Not whole: /);
      assert.equal(world.run('/opt/whm-ftp-passive/install.sh').status, 0);
      const again = script('--check');
      assert.equal(again.status, 0, again.stdout);
    });
  }

  it('names a file of the product that was changed', () => {
    world.sh('echo more >>/opt/whm-ftp-passive/dist/main.js');
    assert.match(
      script('--check').stdout,
      /^\/opt\/whm-ftp-passive is not as it was released: \.\/dist\/main\.js differ/,
    );
    assert.equal(script().status, 0);
    assert.equal(script('--check').status, 0);
  });
});

describe('install.sh --upgrade', function () {
  this.timeout(60_000);
  let world: World;

  before(async () => {
    world = await openWorld();
    assert.equal(world.run(join(world.tree, 'install.sh')).status, 0);
  });
  after(() => world.close());

  it('puts the new version in the old one’s place and keeps settings and history', () => {
    world.sh(`mkdir -p /var/lib/whm-ftp-passive/runs/r1
      echo kept >/var/lib/whm-ftp-passive/runs/r1/journal.jsonl
      echo '{"kept":true}' >/var/lib/whm-ftp-passive/settings.json
      sed -i 's/0\\.1\\.0/0.2.0/' ${world.tree}/package.json
      echo '// new' >${world.tree}/plugin/public/app.js
      rm ${world.tree}/docs/operating.md; echo new >${world.tree}/docs/new.md`);
    const kept = 'cd /var/lib/whm-ftp-passive && find . -type f -exec stat -c "%n %Y %s" {} +';
    const before = world.sh(kept).stdout;
    const { status, stdout, stderr } = world.run(join(world.tree, 'install.sh'), '--upgrade');
    assert.equal(status, 0, stderr);
    assert.match(
      stdout,
      /^Puts FTP Passive Mode 0\.2\.0 in the place of 0\.1\.0; settings and history stay\.$/m,
    );
    assert.equal(world.sh(kept).stdout, before);
    assert.equal(world.sh(`cat ${CGI}/app.js`).stdout, '// new\n');
    assert.equal(
      world
        .sh('ls /opt /opt/whm-ftp-passive/docs')
        .stdout.match(/new|old|operating/g)
        ?.join(),
      'new',
    );
    assert.equal(
      world.run(join(world.tree, 'install.sh'), '--check').stdout,
      'Whole: FTP Passive Mode 0.2.0.\n',
    );
  });
});

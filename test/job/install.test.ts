import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { CHECKOUT, type Ended, ok, runOnHost } from '../sandbox/machine.ts';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { type Browser, logIn } from '../sandbox/whm/browser.ts';

const PAGE = '/cgi/ftp_passive/index.cgi';
/** Where programs that have nothing to do with the installer write while it runs. */
const LOGS = /^(?:var\/log|usr\/local\/cpanel\/logs)\//;

describe('the plugin on a server', function () {
  this.timeout(60_000);
  this.bail(true);
  let sandbox: Sandbox;
  let untouched: string[];

  before(async () => {
    sandbox = await startSandbox();
    // The sandbox says there which port the live output has; this server has never had the plugin.
    await ok(sandbox.server.run(['rm', '-r', '/var/lib/whm-ftp-passive']));
    untouched = await files();
  });
  after(() => sandbox.stop());

  it('is not there, nor changes anything, with --dry-run', async () => {
    const { code, stdout } = await install('--dry-run');
    assert.equal(code, 0);
    assert.match(stdout, /^\+ .*register_appconfig/m);
    assert.match(stdout, /Nothing was changed\.\n$/);
    assert.deepEqual(await files(), untouched);
    assert.doesNotMatch(await menu(await enter('root')), /FTP Passive Mode/);
  });

  it('is in root’s menu and opens once it is installed, and for no reseller without its privilege', async () => {
    const { code, stdout, stderr } = await install();
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^Installed: WHM » Plugins » FTP Passive Mode/m);
    const root = await enter('root');
    assert.match(
      await menu(root),
      /href="\/cpsess\d+\/cgi\/ftp_passive\/index\.cgi"[^>]*>.*FTP Passive Mode/,
    );
    const { status, body } = await root.get(PAGE);
    assert.equal(status, 200);
    assert.match(body, /Passive FTP does not work as it is/);
    assert.match(body, /PASV names 10\.0\.0\.5 \(private\)/);
    const rita = await enter('rita');
    assert.doesNotMatch(await menu(rita), /FTP Passive Mode/);
    assert.equal((await rita.get(PAGE)).status, 403);
    const sam = await enter('sam');
    assert.match(await menu(sam), /FTP Passive Mode/);
    assert.equal((await sam.get(PAGE)).status, 200);
  });

  it('has a socket that root alone can open, and a command', async () => {
    const { server } = sandbox;
    const modes = ['stat', '-c', '%F %a %U', '/run/whm-ftp-passive', '/run/whm-ftp-passive/http.sock'];
    assert.equal(await ok(server.run(modes)), 'directory 700 root\nsocket 600 root\n');
    const { code, stdout } = await server.run(['/usr/local/bin/ftp-passive', 'status', '--json']);
    assert.deepEqual([code, (JSON.parse(stdout) as { ok: boolean }).ok], [1, false]);
  });

  it('is registered once, however often it is installed', async () => {
    const root = await enter('root');
    const { code, stdout } = await install();
    assert.equal(code, 0);
    assert.doesNotMatch(stdout, /register_appconfig/);
    // Whoever registers restarts WHM's web server, which ends sessions.
    assert.equal((await root.get(PAGE)).status, 200);
  });

  it('comes back after a reboot', async () => {
    await sandbox.reboot();
    assert.equal((await (await enter('root')).get(PAGE)).status, 200);
  });

  it('leaves no file and no process behind', async () => {
    const { code, stderr } = await install('--uninstall');
    assert.equal(code, 0, stderr);
    assert.deepEqual(await files(), untouched);
    assert.equal((await sandbox.server.run(['test', '-e', '/run/whm-ftp-passive'])).code, 1);
    assert.equal((await sandbox.server.run(['pgrep', '-f', 'whm-ftp-passive'])).stdout, '');
    const root = await enter('root');
    assert.doesNotMatch(await menu(root), /FTP Passive Mode/);
    assert.equal((await root.get(PAGE)).status, 404);
  });

  const install = (...options: string[]): Promise<Ended> =>
    sandbox.server.run(['sh', `${CHECKOUT}/install.sh`, ...options], { timeoutMs: 50_000 });

  const menu = async (browser: Browser): Promise<string> => (await browser.get('/')).body;

  async function enter(name: string): Promise<Browser> {
    await sandbox.ready();
    const user = sandbox.users.find((each) => each.name === name);
    return logIn(sandbox.url, { name, password: user?.password ?? '' });
  }

  /** All that the server's disk has and the host's has not: of directories the mode, of others everything. */
  async function files(): Promise<string[]> {
    const found = await runOnHost([
      'find',
      sandbox.server.disk,
      '-mindepth',
      '1',
      '-printf',
      '%P\t%y %m %s %T@ %l\n',
    ]);
    return found
      .split('\n')
      .filter((line) => line !== '' && !LOGS.test(line))
      .map((line) => line.replace(/\t(d \d+).*$/, '\t$1'))
      .filter((line) => !/\td /.test(line) || !existsSync(`/${line.split('\t')[0] ?? ''}`))
      .sort();
  }
});

import assert from 'node:assert/strict';
import { ok, type Ended } from '../sandbox/machine.ts';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { transfer } from '../sandbox/transfer.ts';
import { cli, json, rules } from './scene.ts';

const REBUILD = '/usr/local/cpanel/scripts/configure_firewall_for_cpanel';
const SAVED = '/etc/sysconfig/nftables.conf';
const TOLD = '/var/log/icontact.standin';
const HOOK = '/opt/whm-ftp-passive/plugin/bin/after-update';

describe('a server that drifts', function () {
  this.timeout(180_000);
  let sandbox: Sandbox;
  let right = '';

  before(async () => {
    sandbox = await startSandbox({ install: true });
    await ok(sandbox.server.run(['cp', SAVED, '/root/firewall.nft']), ['cp']);
  });
  after(() => sandbox.stop());

  const text = async (...argv: string[]): Promise<string> => (await sandbox.server.run(argv)).stdout;
  const everything = async (): Promise<string> =>
    `${await rules(sandbox.server)}${await text('cat', SAVED, '/var/cpanel/conf/pureftpd/local', '/etc/pure-ftpd.conf')}`;
  const rebuild = async (): Promise<unknown> => ok(sandbox.server.run([REBUILD]), [REBUILD]);
  const told = async (): Promise<string[]> =>
    (await text('sh', '-c', `cat ${TOLD} 2>/dev/null || :`))
      .split('\n')
      .filter((line) => line.startsWith('[ftp_passive]'));
  /** By the installed program, whose place the hook names. */
  const watch = (...argv: string[]): Promise<Ended> =>
    sandbox.server.run(['/usr/local/bin/ftp-passive', 'watch', ...argv]);
  const look = (): Promise<unknown> =>
    sandbox.server.run(['systemctl', 'start', 'ftp-passive-watch.service'], { timeoutMs: 120_000 });
  const runs = async (): Promise<string[]> => {
    const { document } = await json(sandbox.server, 'runs');
    return document.map(({ verb, state, who }) => `${verb} ${state} ${who.user}`);
  };

  it('is left alone before a run has set anything up', async () => {
    const { code, stdout } = await cli(sandbox.server, 'ensure');
    assert.equal(code, 0);
    assert.match(stdout, /^No run has set up passive FTP here[^\n]*\n$/);
    assert.deepEqual(await runs(), []);
  });

  it('is OK after a run, and nothing is to repair', async () => {
    assert.equal((await cli(sandbox.server, 'apply', '--yes')).code, 0);
    right = await everything();
    const check = await cli(sandbox.server, 'check');
    assert.deepEqual([check.code, check.stdout], [0, 'FTP-PASSIVE OK: passive FTP is set up right\n']);
    assert.equal((await cli(sandbox.server, 'ensure')).code, 0);
    assert.equal(await everything(), right);
    assert.deepEqual(await runs(), ['apply done root']);
  });

  it('is found after a rebuild of the firewall, with the layer that disagrees', async () => {
    await rebuild();
    assert.ok(!(await transfer(sandbox.client, 'curl', 'EPSV')).ok);
    const { code, stdout } = await cli(sandbox.server, 'check');
    assert.equal(code, 2);
    assert.match(stdout, /^FTP-PASSIVE CRITICAL: firewall now: [^\n]* Also: firewall after boot\.\n$/);
    const { document } = await json(sandbox.server, 'status');
    const by = document.findings.find(({ id }) => id === 'undone-by');
    assert.match(by?.title ?? '', /it seems by a rebuild of the firewall/);
  });

  it('is repaired by one command, now and after the next boot', async () => {
    const { code, stdout } = await cli(sandbox.server, 'ensure', '--json');
    const ensured = JSON.parse(stdout) as { outcome: string; run: string };
    assert.deepEqual([code, ensured.outcome], [0, 'repaired']);
    assert.deepEqual(await runs(), ['apply done watch', 'apply done root']);
    assert.ok((await transfer(sandbox.client, 'curl', 'EPSV')).ok);
    assert.equal((await cli(sandbox.server, 'check')).code, 0);
    await sandbox.reboot();
    assert.ok((await transfer(sandbox.client, 'curl', 'PASV')).ok);
    assert.equal((await cli(sandbox.server, 'check')).code, 0);
  });

  it('is not watched until somebody says so in one line', async () => {
    assert.doesNotMatch(await text('/usr/local/cpanel/bin/manage_hooks', 'list'), new RegExp(HOOK));
    assert.match((await watch('status')).stdout, /^The watch is off\.\n$/);
    const on = await watch('on', '--notify-only');
    assert.equal(on.code, 0, on.stderr);
    assert.match(on.stdout, /every 15 minutes and after each update of cPanel and only tells/);
    assert.match(await text('/usr/local/cpanel/bin/manage_hooks', 'list'), new RegExp(HOOK));
    assert.equal((await text('systemctl', 'is-enabled', 'ftp-passive-watch.timer')).trim(), 'enabled');
  });

  it('is only told of, once, when that was wanted', async () => {
    await look();
    assert.deepEqual(await told(), []);
    await rebuild();
    const undone = await everything();
    await look();
    await look();
    assert.equal(await everything(), undone);
    assert.equal((await told()).length, 1);
    assert.match((await told())[0] ?? '', /: passive FTP was undone$/);
  });

  it('is repaired by what cPanel starts after its update, and the administrator is told', async () => {
    assert.equal((await watch('on')).code, 0);
    assert.equal(await text(HOOK), '1\n');
    assert.ok((await transfer(sandbox.client, 'curl', 'EPSV')).ok);
    assert.deepEqual((await runs())[0], 'apply done watch');
    assert.match((await told())[1] ?? '', /: passive FTP was undone and is repaired$/);
    await look();
    assert.equal((await told()).length, 2);
  });

  it('stays as an administrator has put it back', async () => {
    assert.equal((await cli(sandbox.server, 'undo', '--yes')).code, 0);
    const undone = await everything();
    assert.notEqual(undone, right);
    const { code, stdout } = await cli(sandbox.server, 'ensure');
    assert.equal(code, 0);
    assert.match(stdout, /^The last run was an undo/);
    assert.equal(await everything(), undone);
  });

  it('is not watched any more after one line, and the timer and the hook go', async () => {
    assert.match((await watch('off')).stdout, /^The watch is off\.\n$/);
    assert.doesNotMatch(await text('/usr/local/cpanel/bin/manage_hooks', 'list'), new RegExp(HOOK));
    assert.equal((await text('systemctl', 'is-enabled', 'ftp-passive-watch.timer')).trim(), 'disabled');
  });
});

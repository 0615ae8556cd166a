import assert from 'node:assert/strict';
import { writeFiles } from './files.ts';
import { ADDRESS } from './lab.ts';
import { type Ended, ok } from './machine.ts';
import { type Sandbox, startSandbox } from './sandbox.ts';
import { connectTo, probe } from './transfer.ts';

const SETUP = '/usr/local/cpanel/scripts/setupftpserver';
const MONITORED = '/etc/chkserv.d/chkservd.conf';
const FLAG = '/etc/ftpddisable';

interface Answer {
  readonly data?: {
    readonly service?: readonly { name: string; enabled: number; monitored: number; running: number }[];
    readonly ip?: readonly { ip: string; public_ip: string; mainaddr: number }[];
  };
  readonly metadata: { readonly result: number; readonly reason: string };
}

describe('sandbox with both FTP servers', function () {
  this.timeout(60_000);
  let sandbox: Sandbox;

  before(async () => {
    sandbox = await startSandbox({ firewall: 'none', both: true, dedicated: true });
  });
  after(() => sandbox.stop());

  const run = (...argv: string[]): Promise<Ended> => sandbox.server.run(argv);
  const read = (path: string): Promise<string> => ok(run('cat', path));
  const api = async (...argv: string[]): Promise<Answer> =>
    JSON.parse(await ok(run('/usr/local/cpanel/bin/whmapi1', '--output=json', ...argv))) as Answer;
  const ftpd = async (): Promise<unknown> => {
    const { data } = await api('servicestatus', 'service=ftpd');
    const [{ name, enabled, monitored, running } = {}] = data?.service ?? [];
    return { name, enabled, monitored, running };
  };

  it('monitors its FTP server, and sets it up with monitoring on although it was off', async () => {
    assert.deepEqual(await ftpd(), { name: 'ftpd', enabled: 1, monitored: 1, running: 1 });
    assert.equal((await api('configureservice', 'service=ftpd', 'monitored=0')).metadata.result, 1);
    assert.equal(await read(MONITORED), 'cpsrvd:1\nftpd:0\nnamed:0\nsshd:1\n');
    assert.deepEqual(await ftpd(), { name: 'ftpd', enabled: 1, monitored: 0, running: 0 });
    await ok(run(SETUP, 'pure-ftpd', '--force'));
    assert.equal(await read(MONITORED), 'cpsrvd:1\nftpd:1\nnamed:0\nsshd:1\n');
  });

  it('lists its addresses with their public ones', async () => {
    const { data } = await api('listips');
    assert.deepEqual(
      data?.ip?.map(({ ip, public_ip, mainaddr }) => [ip, public_ip, mainaddr]),
      [
        [ADDRESS.local, ADDRESS.public, 1],
        ['10.0.0.6', '203.0.113.11', 0],
        ['10.0.0.7', '203.0.113.12', 0],
      ],
    );
  });

  it('says of a call that it does not know', async () => {
    assert.equal((await api('nonsense')).metadata.result, 0);
  });

  it('switches to the other server and back', async () => {
    await ok(run(SETUP, 'proftpd', '--force'));
    assert.match((await probe(sandbox.client)).banner, /ProFTPD/);
    assert.equal((await run('systemctl', 'is-enabled', 'pure-ftpd')).stdout, 'disabled\n');
    await ok(run(SETUP, 'pure-ftpd', '--force'));
    assert.doesNotMatch((await probe(sandbox.client)).banner, /ProFTPD/);
  });

  it('disables FTP with a flag, and enables it again when a server is set up', async () => {
    await ok(run('rm', '/var/cpanel/noanonftp'));
    await ok(run(SETUP, 'disabled'));
    assert.equal(await ok(run(SETUP, '--current')), 'Current FTP server type: disabled\n');
    assert.equal((await connectTo(sandbox.client, [21])).get(21), 'refused');
    assert.deepEqual(await ftpd(), { name: 'ftpd', enabled: 0, monitored: 0, running: 0 });
    assert.equal((await run('test', '-e', FLAG)).code, 0);
    await sandbox.reboot();
    assert.equal((await connectTo(sandbox.client, [21])).get(21), 'refused');
    assert.match(await ok(run(SETUP, 'pure-ftpd', '--force')), /Turning Anonymous FTP off/);
    assert.equal((await run('test', '-e', FLAG)).code, 1);
    assert.equal((await run('test', '-e', '/var/cpanel/noanonftp')).code, 0);
    assert.equal((await connectTo(sandbox.client, [21])).get(21), 'open');
    assert.deepEqual(await ftpd(), { name: 'ftpd', enabled: 1, monitored: 1, running: 1 });
  });

  it('moves to another control port, and takes no count that is none', async () => {
    const store = 'Bind: 2121\nMaxClientsNumber: many\nBrokenClientsCompatibility: perhaps\nTLS: 7\n';
    await writeFiles(sandbox.server, { '/var/cpanel/conf/pureftpd/local': { text: store } });
    await ok(run('sh', '-c', 'rm -f /var/cpanel/conf/pureftpd/*.cache'));
    assert.match(await ok(run(SETUP, 'pure-ftpd', '--force')), /ftpd started successfully/);
    const met = await connectTo(sandbox.client, [21, 2121]);
    assert.deepEqual([...met.values()], ['refused', 'open']);
    const conf = await read('/etc/pure-ftpd.conf');
    for (const line of [
      /^Bind +2121$/m,
      /^MaxClientsNumber +50$/m,
      /^BrokenClientsCompatibility +no$/m,
      /^TLS +1$/m,
    ])
      assert.match(conf, line);
  });
});

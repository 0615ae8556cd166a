import assert from 'node:assert/strict';
import { formatRange, type PortRange } from '../../src/core/range.ts';
import type { FileFact } from '../../src/core/file.ts';
import { proftpd } from '../../src/ftp/proftpd.ts';
import { editProftpdConf } from '../../src/ftp/proftpd-edit.ts';
import { ADDRESS } from '../sandbox/lab.ts';
import { writeFiles } from '../sandbox/files.ts';
import { type Ended, ok } from '../sandbox/machine.ts';
import { type Sandbox, startSandbox } from '../sandbox/sandbox.ts';
import { probe } from '../sandbox/transfer.ts';
import { fact } from './cpanel.ts';
import { proftpdConf } from './servers.ts';
import { PROFTPD } from './cpanel-proftpd.ts';

const RANGE: PortRange = [50000, 50100];
const HOSTS =
  '\n<VirtualHost 10.0.0.6>\n  Port 21\n</VirtualHost>\n<VirtualHost 10.0.0.7>\n  PassivePorts 30000 30100\n  MasqueradeAddress 192.0.2.9\n</VirtualHost>\n';

describe('ProFTPD itself', function () {
  this.timeout(60_000);
  let sandbox: Sandbox;

  before(async () => {
    sandbox = await startSandbox({ ftp: 'proftpd', firewall: 'none' });
    for (const address of ['10.0.0.6', '10.0.0.7']) {
      await ok(sandbox.server.run(['ip', 'address', 'add', `${address}/24`, 'dev', 'eth0']));
    }
  });
  after(() => sandbox.stop());

  const run = (...argv: string[]): Promise<Ended> => sandbox.server.run(argv);
  /** With a socket for its input it takes itself to be started by inetd, and says nothing. */
  const TEST = 'exec /usr/sbin/proftpd -t -c /root/proftpd.conf </dev/null';
  const test = async (text: string): Promise<Ended> => {
    const conf = { text: text.replace('Group nobody', 'Group nogroup') };
    await writeFiles(sandbox.server, {
      '/root/proftpd.conf': conf,
      '/etc/proftpd/shop': { text: '', mode: 0o640 },
    });
    return run('sh', '-c', TEST);
  };
  /** Where -t says that an address is told in the place of another. */
  const told = ({ stderr }: Ended): string[] =>
    [...stderr.matchAll(/ (\S+):\d+ masquerading as (\S+)/g)].map(([, at, as]) => `${at ?? ''} ${as ?? ''}`);

  it('accepts every file that is written, and tells what was wished', async () => {
    for (const name of ['stock', 'hosts', 'old']) {
      for (const address of ['203.0.113.10', null]) {
        const hosts = new Map([
          ['10.0.0.6', address === null ? null : '203.0.113.11'],
          ['10.0.0.7', address === null ? null : '203.0.113.12'],
        ]);
        const range = formatRange(RANGE, 'space');
        const hostAddress = ([host = '']: readonly string[]) => hosts.get(host);
        const ended = await test(editProftpdConf(proftpdConf(name), { range, address, hostAddress }));
        assert.equal(ended.code, 0, `${name}: ${ended.stderr}`);
        const main = address === null ? [] : [`${ADDRESS.local} ${address}`];
        const others =
          address === null || name !== 'hosts' ? [] : ['10.0.0.6 203.0.113.11', '10.0.0.7 203.0.113.12'];
        assert.deepEqual(told(ended), [...main, ...others], name);
      }
    }
  });

  it('refuses a directive without a value, and ports that are none', async () => {
    for (const line of [
      'MasqueradeAddress',
      'PassivePorts',
      'PassivePorts 50000',
      'PassivePorts 60000 50000',
    ]) {
      const { code, stderr } = await test(`${proftpdConf('stock')}${line}\n`);
      assert.equal(code, 1, line);
      assert.match(stderr, new RegExp(`fatal: ${line.split(' ')[0] ?? ''}: `));
    }
  });

  it('tells each dedicated address the public one of its own, once cPanel has rendered the change', async () => {
    const cpnat = '10.0.0.5 203.0.113.10\n10.0.0.6 203.0.113.11\n10.0.0.7 203.0.113.12\n';
    const conf = `${await ok(run('cat', PROFTPD.conf))}${HOSTS}`;
    await writeFiles(sandbox.server, {
      '/var/cpanel/cpnat': { text: cpnat },
      [PROFTPD.conf]: { text: conf },
    });
    const files = new Map<string, FileFact | null>();
    for (const path of proftpd.files) {
      const { code, stdout } = await run('cat', path);
      files.set(path, code === 0 ? fact(path, stdout, 1) : null);
    }
    const wish = { range: RANGE, address: '203.0.113.10' };
    const change = proftpd.change(files, proftpd.read(files, null), wish) ?? assert.fail();
    for (const { path, after } of change.writes) {
      if (after === null) await ok(run('rm', path));
      else await writeFiles(sandbox.server, { [path]: { text: after } });
    }
    await ok(run(...(change.validate ?? [])));
    await ok(run(...change.render.command));

    const pairs = cpnat.trim().split('\n');
    for (const [local = '', outside] of pairs.map((line) => line.split(' '))) {
      const { pasv } = await probe(sandbox.server, local);
      assert.ok(pasv !== null);
      assert.equal(pasv.address, outside);
      assert.ok(pasv.port !== null && pasv.port >= RANGE[0] && pasv.port <= RANGE[1], pasv.reply);
    }
  });
});

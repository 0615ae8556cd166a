import assert from 'node:assert/strict';
import type { PortRange } from '../../src/core/range.ts';
import { conf } from '../ftp/servers.ts';
import { listener, startServer } from './server.ts';
import { idsOf, said, told } from './told.ts';

const KERNEL = '/proc/sys/net/ipv4/ip_local_port_range';
const RESERVED = '/proc/sys/net/ipv4/ip_local_reserved_ports';

describe('findings about the range', () => {
  const small = async (text: string, range: PortRange): Promise<[string, string][]> =>
    (await told(startServer({ conf: text }), { range, only: 'ftp' }))
      .filter(({ id }) => id === 'range-small')
      .map(({ level, fact }) => [level, fact]);

  it('name a range with fewer ports than clients, with the sum', async () => {
    assert.deepEqual(await small(`${conf('stock')}MaxClientsNumber 200\n`, [50000, 50100]), [
      [
        'warn',
        '200 clients at once (MaxClientsNumber 200), 101 ports (50000-50100); advised are at least twice as many ports as clients, 400.',
      ],
    ]);
  });

  it('take the daemon’s own limit where its file has none', async () => {
    const [found] = await small(conf('stock'), [50000, 50048]);
    assert.match(found?.[1] ?? '', /^50 clients at once \(its default\), 49 ports \(50000-50048\);/);
    assert.deepEqual(await small(conf('stock'), [50000, 50049]), []);
  });

  it('judge the range in the file and the wished one, each by itself', async () => {
    const narrow = conf('stock').replace('49152 65534', '50000 50009');
    assert.equal((await small(narrow, [49152, 65534])).length, 1);
    assert.equal((await small(narrow, [50000, 50009])).length, 1);
    assert.equal((await small(narrow, [51000, 51009])).length, 2);
  });

  it('name every service that listens in it, but for the FTP servers and for what is reached from here only', async () => {
    const server = startServer();
    server.sockets.others.push(
      listener('redis', 60001, 77),
      listener('mysqld', 50000, 76),
      listener('pure-ftpd', 50001),
      listener('proftpd', 50002),
      { ...listener('node', 50003), address: '127.0.0.1' },
      { ...listener('node', 50004), address: '::1' },
      { ...listener('', 50005), pid: 0 },
      listener('sshd', 22),
    );
    const [level, fact] = said(await told(server), 'range-taken');
    assert.equal(level, 'warn');
    assert.match(
      fact,
      /^mysqld \(process 76\) listens on port 50000, The kernel itself \(NFS, for example\) listens on port 50005, redis \(process 77\) listens on port 60001\. /,
    );
  });

  it('say nothing of a service outside of it', async () => {
    const server = startServer();
    server.sockets.others.push(listener('redis', 49151), listener('redis', 65535));
    assert.ok(!idsOf(await told(server)).includes('range-taken'));
  });

  const kernel = async (local: string, reserved: string, range: PortRange): Promise<string | null> => {
    const server = startServer();
    server.disk.put(KERNEL, local);
    server.disk.put(RESERVED, reserved);
    const found = (await told(server, { range })).find(({ id }) => id === 'range-kernel');
    assert.equal(found?.level ?? 'info', 'info');
    return found?.fact.split(';')[0] ?? null;
  };

  it('name the ports that the kernel takes for connections outwards, without the reserved ones', async () => {
    const says = `${KERNEL} says 32768-60999, and`;
    const rows: [string, string, PortRange, string | null][] = [
      ['32768\t60999\n', '\n', [49152, 65534], `${says} 49152-60999 of it are in the range`],
      ['32768\t60999\n', '\n', [61000, 65534], null],
      ['32768\t60999\n', '49152-60999\n', [49152, 65534], null],
      [
        '32768\t60999\n',
        '50000,51000-60999\n',
        [49152, 65534],
        `${says} 49152-49999, 50001-50999 of it are in the range`,
      ],
      ['', '', [49152, 65534], null],
    ];
    for (const [local, reserved, range, fact] of rows)
      assert.equal(await kernel(local, reserved, range), fact, `${local} ${reserved}`);
  });
});

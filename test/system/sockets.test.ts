import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { addressOf, sockets } from '../../src/system/sockets.ts';

describe('the sockets of this server', () => {
  it('have the addresses that /proc writes in hexadecimal', () => {
    const rows: [string, string][] = [
      ['0100007F', '127.0.0.1'],
      ['0500000A', '10.0.0.5'],
      ['00000000', '0.0.0.0'],
      ['00000000000000000000000000000000', '::'],
      ['00000000000000000000000001000000', '::1'],
      ['B80D0120000001000000000010000000', '2001:db8:1:0:0:0:0:10'],
      ['0000000000000000FFFF00000500000A', '10.0.0.5'],
    ];
    for (const [hex, address] of rows) assert.equal(addressOf(hex.toLowerCase()), address, hex);
  });

  for (const address of ['127.0.0.1', '::1']) {
    it(`are told with who listens, and how many are connected: ${address}`, async () => {
      const server = createServer();
      server.listen(0, address);
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const mine = (): ReturnType<typeof sockets>['listening'] =>
        sockets().listening.filter((each) => each.port === port);
      const client = connect(port, address);
      try {
        const accepted = once(server, 'connection');
        await once(client, 'connect');
        await accepted;
        assert.deepEqual(
          mine().map(({ pid, address: at, program }) => [pid, at, program !== '']),
          [[process.pid, address, true]],
        );
        const started = mine()[0]?.startedMs ?? 0;
        const age = process.uptime() * 1000;
        assert.ok(Math.abs(Date.now() - started - age) < 2000, `${Date.now() - started} ms, not ${age}`);
        assert.equal(sockets().open.filter((each) => each === port).length, 1);
      } finally {
        client.destroy();
        server.close();
      }
      await once(server, 'close');
      assert.deepEqual(mine(), []);
    });
  }
});

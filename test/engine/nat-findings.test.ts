import assert from 'node:assert/strict';
import type { Server } from './server.ts';
import { startServer } from './server.ts';
import { idsOf, said, the, told } from './told.ts';

const CPNAT = '/var/cpanel/cpnat';

/** The same server with other addresses on its interface. */
function held(server: Server, ...addresses: string[]): Server {
  const links = () => Promise.resolve([{ name: 'eth0', addresses }]);
  return { ...server, ports: { ...server.ports, host: { ...server.ports.host, links } } };
}

describe('findings about NAT', () => {
  it('say why the public address is not known', async () => {
    const rows: [string | null, string][] = [
      [null, `${CPNAT} maps it to no public one`],
      ['10.0.0.6 203.0.113.11\n', `${CPNAT} maps it to no public one`],
      ['10.0.0.5\n', `line 1 of ${CPNAT} has no public one for it: cPanel could not reach it from outside`],
      [
        '10.0.0.6 203.0.113.10\n10.0.0.5 203.0.113.10\n',
        `${CPNAT} maps it to 203.0.113.10, which a line above it has already`,
      ],
    ];
    for (const [cpnat, why] of rows) {
      const server = startServer();
      server.disk.put(CPNAT, cpnat);
      assert.deepEqual(said(await told(server), 'nat-unknown'), [
        'warn',
        `This server's address 10.0.0.5 is private, and ${why}.`,
      ]);
    }
  });

  it('tell a NAT of the provider by the address', async () => {
    const server = held(startServer(), '100.64.7.5/24');
    server.disk.put('/var/cpanel/mainip', '100.64.7.5');
    const found = await told(server);
    assert.deepEqual(said(found, 'nat-carrier'), [
      'info',
      'Its address 100.64.7.5 is of 100.64.0.0/10, which providers share among customers.',
    ]);
    assert.ok(idsOf(found).includes('nat-unknown'));
    assert.ok(!idsOf(await told(startServer())).includes('nat-carrier'));
  });

  it('tell a container by its signs, and which ports to publish', async () => {
    const rows: [string, string, string][] = [
      ['/.dockerenv', '', '/.dockerenv exists.'],
      ['/run/.containerenv', '', '/run/.containerenv exists.'],
      [
        '/proc/1/environ',
        'PATH=/bin\0container=lxc\0',
        'The first process here was started with container=lxc.',
      ],
    ];
    for (const [path, text, sign] of rows) {
      const server = startServer();
      server.disk.put(path, text);
      const { level, fact, fix } = the(await told(server, { range: [50000, 50100] }), 'container');
      assert.equal(level, 'info');
      assert.ok(fact.startsWith(sign), fact);
      assert.ok(fix.includes('-p 50000-50100:50000-50100'), fix);
    }
    const plain = startServer();
    plain.disk.put('/proc/1/environ', 'PATH=/bin\0nocontainer=1\0');
    assert.ok(!idsOf(await told(plain)).includes('container'));
    const [, docker] = said(await told(held(startServer(), '172.17.0.2/16')), 'container');
    assert.match(docker, /^The address 172\.17\.0\.2 is of the network that Docker gives/);
  });

  it('tell a server that has IPv6 alone', async () => {
    const found = await told(held(startServer({ nat: false }), '2001:db8:1::10/64'));
    assert.equal(the(found, 'ipv6-only').level, 'info');
    assert.ok(!idsOf(await told(startServer())).includes('ipv6-only'));
  });
});

import assert from 'node:assert/strict';
import { startServer, type ServerOptions } from './server.ts';
import { idsOf, said, told } from './told.ts';

const CPNAT = '/var/cpanel/cpnat';
const OWN = '10.0.0.5 203.0.113.10\n';
const MAP_IDS =
  /^(?:nat-(?:unreadable|shared|stray|lone|no-main|not-listed)|mainip-not-held|dedicated-not-held)$/;

interface Row {
  readonly what: string;
  readonly cpnat?: string;
  readonly mainIp?: string;
  readonly ips?: string;
  readonly options?: ServerOptions;
  readonly address?: string;
  readonly id: string;
  readonly level?: 'warn' | 'info';
  readonly fact: string;
}

const ROWS: readonly Row[] = [
  {
    what: 'a line of the map that is none',
    cpnat: `${OWN}10.0.0.6 203.0.113.11 old\n`,
    id: 'nat-unreadable',
    fact: `Line 2 of ${CPNAT} is "10.0.0.6 203.0.113.11 old"; right is a local and a public IPv4 address.`,
  },
  {
    what: 'two local addresses with one public one',
    cpnat: `${OWN}10.0.0.6 203.0.113.10\n`,
    options: { addresses: ['10.0.0.6'] },
    id: 'nat-shared',
    fact: `Line 2 of ${CPNAT} maps 10.0.0.6 to 203.0.113.10, as a line above it does for another one; cPanel takes the first only.`,
  },
  {
    what: 'a line for an address that is not here',
    cpnat: `${OWN}10.0.0.9 203.0.113.19\n`,
    id: 'nat-stray',
    fact: `${CPNAT} maps 10.0.0.9, which no interface has.`,
  },
  {
    what: 'an address without a public one',
    cpnat: `${OWN}10.0.0.6\n`,
    options: { addresses: ['10.0.0.6'] },
    id: 'nat-lone',
    level: 'info',
    fact: `${CPNAT} has no public address for 10.0.0.6: clients on the internet do not reach it.`,
  },
  {
    what: 'a map without the main address',
    cpnat: '203.0.113.20 198.51.100.20\n',
    options: { nat: false, addresses: ['203.0.113.20'] },
    id: 'nat-no-main',
    fact: `${CPNAT} has lines, and none for 203.0.113.10.`,
  },
  {
    what: 'an address to be told that the map does not have',
    address: '198.51.100.9',
    id: 'nat-not-listed',
    fact: `198.51.100.9 is to be told, and ${CPNAT} does not have it; cPanel is reported to put the main public address in the place of such a ForcePassiveIP.`,
  },
  {
    what: 'a main address that is not here',
    mainIp: '203.0.113.10\n',
    id: 'mainip-not-held',
    fact: '/var/cpanel/mainip says 203.0.113.10, which no interface has; it is the public one of 10.0.0.5, which belongs there.',
  },
  {
    what: 'dedicated addresses that are not here',
    ips: '10.0.0.6:255.255.255.0:10.0.0.255\n10.0.0.7:255.255.255.0:10.0.0.255\n',
    options: { addresses: ['10.0.0.6'] },
    id: 'dedicated-not-held',
    fact: '/etc/ips names 10.0.0.7, which no interface has.',
  },
];

describe('findings about cPanel’s own addresses', () => {
  for (const { what, cpnat, mainIp, ips, options, address, id, level = 'warn', fact } of ROWS) {
    it(`name ${what}, and nothing else`, async () => {
      const server = startServer(options);
      if (cpnat !== undefined) server.disk.put(CPNAT, cpnat);
      if (mainIp !== undefined) server.disk.put('/var/cpanel/mainip', mainIp);
      if (ips !== undefined) server.disk.put('/etc/ips', ips);
      const found = await told(server, address === undefined ? {} : { passiveAddress: address });
      assert.deepEqual(said(found, id), [level, fact]);
      assert.deepEqual(
        idsOf(found).filter((each) => MAP_IDS.test(each)),
        [id],
      );
    });
  }

  it('are none where the files agree', async () => {
    const server = startServer({ addresses: ['10.0.0.6'] });
    server.disk.put(CPNAT, `${OWN}10.0.0.6 203.0.113.11\n\n`);
    server.disk.put('/etc/ips', '10.0.0.6:255.255.255.0:10.0.0.255\n');
    for (const each of [server, startServer({ nat: false })])
      assert.deepEqual(
        idsOf(await told(each)).filter((id) => MAP_IDS.test(id)),
        [],
      );
  });
});

import assert from 'node:assert/strict';
import type { NatPair } from '../../src/core/address.ts';
import { look } from '../../src/engine/survey.ts';
import { natOf, wishOf } from '../../src/engine/wish.ts';
import { conf } from '../ftp/servers.ts';
import { LOCAL_ADDRESS, PUBLIC_ADDRESS, settings, startServer } from './server.ts';

const pair = (local: string, outside: string): NatPair => ({ local, public: outside });
const HERE = pair(LOCAL_ADDRESS, PUBLIC_ADDRESS);

interface Row {
  readonly nat: readonly NatPair[];
  readonly local: string | null;
  readonly behind: boolean;
  readonly unknown: boolean;
  /** What `auto` tells clients when the stores say 198.51.100.7. */
  readonly told: string | null;
}

const STORED = '198.51.100.7';
const ROWS: readonly Row[] = [
  { nat: [], local: '203.0.113.10', behind: false, unknown: false, told: null },
  { nat: [HERE], local: LOCAL_ADDRESS, behind: true, unknown: false, told: PUBLIC_ADDRESS },
  {
    nat: [pair('10.0.0.6', '203.0.113.11'), HERE],
    local: LOCAL_ADDRESS,
    behind: true,
    unknown: false,
    told: PUBLIC_ADDRESS,
  },
  { nat: [], local: LOCAL_ADDRESS, behind: true, unknown: true, told: STORED },
  { nat: [], local: '100.64.0.5', behind: true, unknown: true, told: STORED },
  {
    nat: [pair('10.0.0.6', '203.0.113.11')],
    local: LOCAL_ADDRESS,
    behind: true,
    unknown: true,
    told: STORED,
  },
  {
    nat: [pair('203.0.113.10', '203.0.113.10')],
    local: '203.0.113.10',
    behind: false,
    unknown: false,
    told: null,
  },
  {
    nat: [pair('203.0.113.20', '198.51.100.9')],
    local: '203.0.113.20',
    behind: true,
    unknown: false,
    told: '198.51.100.9',
  },
  { nat: [], local: null, behind: false, unknown: false, told: null },
];

describe('the wished address', () => {
  for (const { nat, local, behind, unknown, told } of ROWS) {
    const map = nat.map((each) => `${each.local} to ${each.public}`).join(', ') || 'nothing';
    it(`is ${told ?? 'none'} for ${local ?? 'no address'} when NAT maps ${map}`, async () => {
      const { ports } = startServer({ local: `ForcePassiveIP: ${STORED}\n` });
      const found = { ...(await look(ports)), nat, localAddress: local };
      const read = natOf(found);
      assert.deepEqual([read.behind, read.unknown], [behind, unknown]);
      assert.deepEqual(wishOf(found, settings()), { range: [49152, 65534], address: told });
    });
  }

  it('leaves a server alone that names its own address where there is no NAT', async () => {
    const server = startServer({ nat: false, local: 'ForcePassiveIP: 203.0.113.10\n', conf: conf('nat') });
    const found = await look(server.ports);
    assert.equal(found.localAddress, '203.0.113.10');
    assert.equal(wishOf(found, settings()).address, '203.0.113.10');
  });

  it('is what the settings say, where they say it', async () => {
    const found = await look(startServer().ports);
    const wished = (passiveAddress: string): string | null =>
      wishOf(found, settings({ passiveAddress })).address;
    assert.equal(wished('none'), null);
    assert.equal(wished('198.51.100.1'), '198.51.100.1');
    assert.equal(wished('auto'), PUBLIC_ADDRESS);
  });

  it('is none when NAT is certain, its address is not, and no store has one', async () => {
    const found = { ...(await look(startServer({ nat: false }).ports)), localAddress: LOCAL_ADDRESS };
    assert.equal(wishOf(found, settings()).address, null);
  });

  it('is what the stores say when the public address is not known, unless no server can tell that', async () => {
    const rows: [string, string | null][] = [
      ['198.51.100.7', '198.51.100.7'],
      ['ftp.example.com', 'ftp.example.com'],
      ['2001:db8::1', null],
      ['999.1.1.1', null],
      ["'~'", null],
    ];
    for (const [address, told] of rows) {
      const server = startServer({ nat: false, local: `ForcePassiveIP: ${address}\n` });
      const found = { ...(await look(server.ports)), localAddress: LOCAL_ADDRESS };
      assert.equal(wishOf(found, settings()).address, told, address);
    }
  });
});

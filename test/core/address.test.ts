import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  addressKind,
  hostIn,
  inNetworks,
  isIpv4,
  isIpv6,
  overlaps,
  parseCpnat,
  type AddressKind,
} from '../../src/core/address.ts';

describe('address', () => {
  it('is IPv4 only as four decimal numbers', () => {
    for (const text of ['203.0.113.10', '0.0.0.0', '255.255.255.255']) assert.equal(isIpv4(text), true, text);
    const others = [
      '999.1.1.1',
      '1.2.3',
      '1.2.3.4.5',
      '010.0.0.1',
      '0x7f.0.0.1',
      '2130706433',
      ' 1.2.3.4',
      '1.2.3.4\n',
      '',
      'host',
      '::1',
    ];
    for (const text of others) assert.equal(isIpv4(text), false, text);
  });

  it('is IPv6 without a zone', () => {
    for (const text of ['2001:db8:1::10', '::', '::1', '::ffff:192.0.2.1'])
      assert.equal(isIpv6(text), true, text);
    for (const text of ['fe80::1%eth0', '2001:db8::1::2', '1.2.3.4', ':::', '', 'g::1']) {
      assert.equal(isIpv6(text), false, text);
    }
  });

  it('is of the kind that its network says', () => {
    const kinds: [AddressKind, string[]][] = [
      ['public', ['8.8.8.8', '172.32.0.1', '100.128.0.1', '2a00:1450::1']],
      ['private', ['10.0.0.5', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fd99::1', '::ffff:10.0.0.5']],
      ['cgnat', ['100.64.0.1', '100.127.255.255']],
      ['loopback', ['127.0.0.1', '127.9.9.9', '::1']],
      ['link-local', ['169.254.1.1', 'fe80::1']],
      [
        'reserved',
        ['0.0.0.0', '224.0.0.1', '240.0.0.1', '255.255.255.255', '::', 'ff02::1', '999.1.1.1', 'host', ''],
      ],
    ];
    for (const [kind, addresses] of kinds) {
      for (const address of addresses) assert.equal(addressKind(address), kind, address);
    }
  });

  it('is public in the documentation networks', () => {
    for (const address of [
      '192.0.2.1',
      '198.51.100.20',
      '203.0.113.10',
      '2001:db8:2::20',
      '::ffff:203.0.113.10',
    ]) {
      assert.equal(addressKind(address), 'public', address);
    }
    assert.notEqual(addressKind('192.0.3.1'), 'private');
  });

  it('is of one kind for any IPv4 address, private exactly in the three private networks', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const isPrivate = inNetworks(address, ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16']);
        assert.equal(addressKind(address) === 'private', isPrivate);
      }),
    );
  });
});

describe("cPanel's NAT map", () => {
  it('maps each local address to its public one', () => {
    assert.deepEqual(parseCpnat('10.0.0.5 203.0.113.10\r\n10.0.0.6\t 203.0.113.11\n'), [
      { local: '10.0.0.5', public: '203.0.113.10' },
      { local: '10.0.0.6', public: '203.0.113.11' },
    ]);
  });

  it('leaves out an address without a public one, and what is no address', () => {
    assert.deepEqual(
      parseCpnat('10.0.0.7\n\n# map\nlocal public\n10.0.0.8 999.1.1.1\n10.0.0.9 2001:db8::1\n'),
      [],
    );
    assert.deepEqual(parseCpnat(''), []);
  });

  it('counts only the first local address of a public one', () => {
    assert.deepEqual(parseCpnat('10.0.0.5 203.0.113.10\n10.0.0.6 203.0.113.10\n'), [
      { local: '10.0.0.5', public: '203.0.113.10' },
    ]);
  });
});

describe('networks', () => {
  it('hold an address by literal, by prefix and by first and last', () => {
    const inside: [string, string][] = [
      ['203.0.113.10', '203.0.113.10'],
      ['203.0.113.10', '203.0.113.0/24'],
      ['203.0.113.10', '203.0.113.10-203.0.113.20'],
      ['203.0.113.20', '203.0.113.10-203.0.113.20'],
      ['2001:db8::10', '2001:DB8:0::10'],
      ['2001:db8::10', '2001:db8::/32'],
      ['2001:db8::10', '2001:db8::1-2001:db8::ff'],
      ['::ffff:10.0.0.5', '10.0.0.0/8'],
      ['10.0.0.5', '0.0.0.0/0'],
    ];
    for (const [address, network] of inside) assert.equal(inNetworks(address, [network]), true, network);
  });

  it('do not hold what is outside or of the other family', () => {
    const outside: [string, string][] = [
      ['203.0.113.10', '203.0.113.1'],
      ['203.0.114.10', '203.0.113.0/24'],
      ['203.0.113.9', '203.0.113.10-203.0.113.20'],
      ['203.0.113.21', '203.0.113.10-203.0.113.20'],
      ['203.0.113.15', '203.0.113.20-203.0.113.10'],
      ['2001:db8::10', '0.0.0.0/0'],
      ['203.0.113.10', '::/0'],
      ['203.0.113.10', '2001:db8::1-2001:db8::ff'],
    ];
    for (const [address, network] of outside) assert.equal(inNetworks(address, [network]), false, network);
    assert.equal(inNetworks('203.0.113.10', []), false);
  });

  it('that cannot be read are skipped, the others still count', () => {
    const unreadable = ['@admins', 'host', '10.0.0.0/33', '10.0.0.0/x', 'a-b', '10.0.0.1-b', ''];
    assert.equal(inNetworks('10.0.0.5', unreadable), false);
    assert.equal(inNetworks('10.0.0.5', [...unreadable, '10.0.0.5']), true);
  });

  it('given by first and last hold exactly the addresses between, as numbers', () => {
    const number = (address: string): number =>
      address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
    fc.assert(
      fc.property(fc.ipV4(), fc.ipV4(), fc.ipV4(), (address, low, high) => {
        const between = number(low) <= number(address) && number(address) <= number(high);
        assert.equal(inNetworks(address, [`${low}-${high}`]), between);
      }),
    );
  });
});

describe('a network', () => {
  it('overlaps what shares an address with it, on either side', () => {
    const rows: readonly (readonly [network: string, other: string])[] = [
      ['45.83.12.0/24', '45.83.12.77'],
      ['45.83.12.0/24', '45.83.0.0/16'],
      ['45.83.0.0/16', '45.83.12.0/24'],
      ['45.83.12.0/24', '45.83.12.77/24'],
      ['45.83.12.0/24', '45.83.11.0-45.83.12.3'],
      ['45.83.12.0/24', '45.83.12.250-45.83.13.9'],
      ['45.83.12.0/24', '1.0.0.0-99.0.0.0'],
      ['45.83.12.0/24', '0.0.0.0/0'],
      ['2a09:7c44:11:22::/64', '2a09:7c44:11:22::5'],
      ['2a09:7c44:11:22::/64', '2a09:7c44::/32'],
      ['2a09:7c44:11:22::/64', '2a09:7c44:11::-2a09:7c44:12::'],
    ];
    for (const [network, other] of rows)
      assert.equal(overlaps(network, [other]), true, `${network} ${other}`);
    assert.equal(overlaps('45.83.12.0/24', ['192.0.2.1', '2001:db8::1', '45.83.12.1']), true);
  });

  it('does not overlap what lies beside it, is of the other family, or is no network', () => {
    for (const other of ['45.83.11.255', '45.83.13.0/24', '45.83.13.0-45.83.14.0', '44.0.0.0-45.83.11.255'])
      assert.equal(overlaps('45.83.12.0/24', [other]), false, other);
    for (const other of ['::/0', 'eth0', '45.83.12', '', '-', '/24'])
      assert.equal(overlaps('45.83.12.0/24', [other]), false, other);
    assert.equal(overlaps('45.83.12.0/24', []), false);
    assert.equal(overlaps('2001:db8::/64', ['0.0.0.0/0']), false);
  });

  it('overlaps another one just as that one overlaps it', () => {
    const network = fc
      .tuple(fc.nat(255), fc.nat(3), fc.integer({ min: 1, max: 32 }))
      .map(([a, b, length]) => `10.${a}.0.${b}/${length}`);
    fc.assert(
      fc.property(network, network, (a, b) => {
        assert.equal(overlaps(a, [b]), overlaps(b, [a]));
        assert.equal(overlaps(a, [a]), true);
      }),
    );
  });

  it('has a host in it, written as the kernel writes it', () => {
    const rows: readonly (readonly [network: string, host: string | null])[] = [
      ['192.0.2.7', '192.0.2.7'],
      ['192.0.2.7/32', '192.0.2.7'],
      ['192.0.2.6/31', '192.0.2.6'],
      ['192.0.2.77/24', '192.0.2.1'],
      ['10.0.0.0/8', '10.0.0.1'],
      ['192.0.2.5-192.0.2.9', '192.0.2.5'],
      ['2001:DB8:0:0::9/128', '2001:db8::9'],
      ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
      ['2001:db8:1::/48', '2001:db8:1::1'],
      ['2001:db8::5-2001:db8::9', '2001:db8::5'],
      ['0.0.0.0/0', null],
      ['::/0', null],
      ['192.0.2.0/x', null],
      ['eth0', null],
      ['', null],
    ];
    for (const [network, host] of rows) assert.equal(hostIn(network), host, network);
  });

  it('has its host in itself', () => {
    const networks = fc
      .tuple(fc.nat(255), fc.nat(255), fc.integer({ min: 1, max: 32 }))
      .map(([a, b, length]) => `10.${a}.${b}.200/${length}`);
    fc.assert(fc.property(networks, (network) => inNetworks(hostIn(network) ?? '', [network])));
  });
});

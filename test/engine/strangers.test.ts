import assert from 'node:assert/strict';
import fc from 'fast-check';
import { inNetworks, isIpv4, isIpv6, overlaps } from '../../src/core/address.ts';
import { namedNetworks } from '../../src/engine/boundaries.ts';
import { namedSources, stranger as strangerTo, type Origin, visitor } from '../../src/engine/strangers.ts';
import type { Link } from '../../src/engine/ports.ts';
import type { Family } from '../../src/core/reach.ts';

const MAIN = { name: 'eth0', addresses: ['203.0.113.10/24', '2001:db8:1::10/64'] };
const FAMILIES = ['ipv4', 'ipv6'] as const;

const stranger = (rules: string, ...rest: [family: Family, main: Link]): Origin =>
  strangerTo(namedNetworks(rules), ...rest);

describe('a stranger', () => {
  it('comes from a network that no rule knows', () => {
    assert.equal(stranger('', 'ipv4', MAIN).network(0), '45.83.12.0/24');
    assert.equal(stranger('', 'ipv6', MAIN).network(0), '2a09::/16');
    for (const rule of [
      'ip saddr 45.83.12.7 drop',
      'ip saddr 45.83.0.0/16 drop',
      'ip saddr 45.83.12.200-45.83.13.9 drop',
      '-s 45.83.12.0/28 -j DROP',
      'elements = { 45.0.0.0/8, 192.0.2.1 }',
    ])
      assert.equal(stranger(rule, 'ipv4', MAIN).network(0), '91.198.22.0/24', rule);
    assert.equal(stranger('-s 45.83.12.7/32 -j DROP', 'ipv4', MAIN).network(0), '91.198.22.0/24');
    assert.equal(stranger('ip6 saddr 2a00::-2a0f:: drop', 'ipv6', MAIN).network(0), '2c0f::/16');
    assert.equal(stranger('-s 2a09:7c44::1/128 -j DROP', 'ipv6', MAIN).network(0), '2c0f::/16');
    assert.equal(stranger('ip6 saddr 2a09:7c44::/32 drop', 'ipv6', MAIN).network(0), '2c0f::/16');
    assert.equal(stranger('ip6 saddr 2a09:7c44:11:22::7 drop', 'ipv6', MAIN).network(0), '2c0f::/16');
    const most = 'elements = { 2a09::/17, 2c0f::/16, 2803:100::1 }';
    assert.equal(stranger(most, 'ipv6', MAIN).network(0), '2a01:4f8:c17:11::/64');
  });

  it('differs from another over IPv6 in the first 32 bits', () => {
    const { address } = stranger('', 'ipv6', MAIN);
    const numbers = Array.from({ length: 1500 }, (_, index) => index);
    assert.equal(new Set(numbers.map((each) => address(each).split(':').slice(0, 2).join(':'))).size, 1500);
  });

  it('is not kept away by a rule about everybody', () => {
    assert.equal(stranger('ip saddr 0.0.0.0/0 drop', 'ipv4', MAIN).network(0), '45.83.12.0/24');
    assert.equal(stranger('-s ::/0 -j DROP', 'ipv6', MAIN).network(0), '2a09::/16');
  });

  it('does not come from the network of the server', () => {
    const near = { name: 'eth0', addresses: ['45.83.12.5/24', '2a09:7c44:11:22::5/64'] };
    for (const family of FAMILIES)
      assert.equal(overlaps(stranger('', family, near).network(0), near.addresses), false, family);
  });

  it('has an address for each number, of its network and family', () => {
    for (const family of FAMILIES) {
      const { network, address } = stranger('', family, MAIN);
      const numbers = Array.from({ length: 1500 }, (_, index) => index);
      assert.equal(new Set(numbers.map(address)).size, 1500);
      assert.ok(numbers.every((each) => inNetworks(address(each), [network(each)])));
      assert.ok(numbers.map(address).every(family === 'ipv4' ? isIpv4 : isIpv6));
    }
  });

  it('goes on in the next network that no rule knows, and begins anew after the last', () => {
    const { network, address } = stranger('ip saddr 91.198.22.9 drop', 'ipv4', MAIN);
    assert.deepEqual(
      [0, 249, 250, 499, 500].map((index) => [network(index), address(index)]),
      [
        ['45.83.12.0/24', '45.83.12.1'],
        ['45.83.12.0/24', '45.83.12.250'],
        ['141.98.11.0/24', '141.98.11.1'],
        ['141.98.11.0/24', '141.98.11.250'],
        ['185.66.140.0/24', '185.66.140.1'],
      ],
    );
    const networks = new Set(Array.from({ length: 5000 }, (_, index) => network(index)));
    assert.equal(networks.size, 5);
    const everybody = stranger('ip saddr 0.0.0.0/1 128.0.0.0/1 drop', 'ipv4', MAIN);
    assert.deepEqual([everybody.address(0), everybody.named], ['45.83.12.1', true]);
    assert.equal(stranger('ip saddr 45.83.12.7 drop', 'ipv4', MAIN).named, false);
  });

  it('is from no network of the rules while there is another, whatever they name', () => {
    const octet = fc.constantFrom(45, 91, 141, 83, 198, 12, 22, 11, 98);
    const named = fc
      .tuple(octet, octet, octet, octet, fc.integer({ min: 8, max: 32 }))
      .map(([a, b, c, d, length]) => `${a}.${b}.${c}.${d}/${length}`);
    fc.assert(
      fc.property(fc.array(named, { maxLength: 20 }), (networks) => {
        const { network } = stranger(networks.join(' '), 'ipv4', MAIN);
        for (const index of [0, 300, 600]) assert.equal(overlaps(network(index), networks), false);
      }),
    );
  });
});

describe('a stranger among very many networks', () => {
  it('is found in a moment', () => {
    const many = Array.from({ length: 60_000 }, (_, index) => `20.${index >> 8}.${index & 255}.0/24`);
    const rules = [...many, '45.83.0.0/16', '90.0.0.0-92.0.0.0', '2a09::/16'].join('\n');
    const began = performance.now();
    assert.equal(stranger(rules, 'ipv4', MAIN).network(0), '141.98.11.0/24');
    assert.equal(stranger(rules, 'ipv6', MAIN).network(0), '2c0f::/16');
    assert.ok(performance.now() - began < 5000);
  });
});

describe('a visitor', () => {
  it('has one address, written as the kernel writes it', () => {
    for (const [text, address, network] of [
      ['192.0.2.7', '192.0.2.7', '192.0.2.7/32'],
      ['192.0.2.0/24', '192.0.2.1', '192.0.2.1/32'],
      ['2001:DB8::0:7', '2001:db8::7', '2001:db8::7/128'],
    ] as const) {
      const origin = visitor(text);
      assert.deepEqual(
        [origin.address(0), origin.address(9), origin.network(9)],
        [address, address, network],
      );
      assert.equal(origin.family, address.includes(':') ? 'ipv6' : 'ipv4');
    }
  });
});

describe('those whom rules name', () => {
  const named = (rules: string, most = 50): string[] => namedSources(namedNetworks(rules), MAIN, most);

  it('are one of each network, and each once', () => {
    assert.deepEqual(
      named(
        'ip saddr { 192.0.2.7, 198.51.100.0/24, 192.0.2.20-192.0.2.30 } drop\n-s 192.0.2.7/32 -j DROP\nip6 saddr 2001:db8:2::/48',
      ),
      ['192.0.2.7', '198.51.100.1', '192.0.2.20', '2001:db8:2::1'],
    );
    assert.deepEqual(named('tcp dport 22 accept'), []);
  });

  it('are not this server, and nobody from whom no connection comes', () => {
    assert.deepEqual(
      named(
        'ip daddr 203.0.113.10 accept 127.0.0.0/8 0.0.0.0/8 224.0.0.0/4 255.255.255.255 169.254.0.0/16 0.0.0.0/0 ::1/128 fe80::/10 ff02::1 ::/0 2001:db8:1::10 192.0.2.1',
      ),
      ['192.0.2.1'],
    );
  });

  it('are so many at most, from all over a long list', () => {
    const list = Array.from({ length: 1000 }, (_, index) => `10.${Math.floor(index / 200)}.${index % 200}.1`);
    const some = named(list.join(', '), 10);
    assert.equal(some.length, 10);
    assert.deepEqual(some[0], list[0]);
    assert.ok(list.indexOf(some[9] ?? '') >= 800);
    assert.equal(new Set(some).size, 10);
    assert.deepEqual(named(list.slice(0, 10).join(', '), 10), list.slice(0, 10));
  });

  it('are as many as are wanted, though some of the list are nobody', () => {
    const list = Array.from({ length: 100 }, (_, index) =>
      index % 2 === 0 ? `127.0.0.${index}` : `192.0.2.${index}`,
    );
    assert.ok(named(list.join(' '), 10).length >= 5);
  });
});

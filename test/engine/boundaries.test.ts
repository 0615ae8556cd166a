import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { PortRange } from '../../src/core/range.ts';
import { callersOf, namedNetworks, piecesOf, portStarts, targetPorts } from '../../src/engine/boundaries.ts';

const RANGE: PortRange = [50_000, 50_200];
const pieces = (ruleset: string, range: PortRange): PortRange[] => piecesOf(range, portStarts(ruleset));
const port = fc.integer({ min: 49_900, max: 50_300 });

/** A match as nft lists it, and what it means. */
interface Match {
  readonly text: string;
  readonly holds: (port: number) => boolean;
}

const span = fc.tuple(port, port).map(([a, b]): readonly [string, PortRange] => {
  const [low, high] = [Math.min(a, b), Math.max(a, b)];
  return [low === high ? `${low}` : `${low}-${high}`, [low, high]];
});
const within = (each: number, [low, high]: PortRange): boolean => low <= each && each <= high;
const match: fc.Arbitrary<Match> = fc.oneof(
  span.map(([text, range]) => ({ text: `tcp dport ${text}`, holds: (each: number) => within(each, range) })),
  span.map(([text, range]) => ({
    text: `tcp dport != ${text}`,
    holds: (each: number) => !within(each, range),
  })),
  port.map((limit) => ({ text: `tcp dport < ${limit}`, holds: (each: number) => each < limit })),
  port.map((limit) => ({ text: `th dport >= ${limit}`, holds: (each: number) => each >= limit })),
  fc.array(span, { minLength: 1, maxLength: 5 }).map((spans) => ({
    text: `tcp dport { ${spans.map(([text]) => text).join(', ')} }`,
    holds: (each: number) => spans.some(([, range]) => within(each, range)),
  })),
  fc.array(span, { minLength: 1, maxLength: 3 }).map((spans) => ({
    text: `tcp dport vmap { ${spans.map(([text]) => `${text} : accept`).join(', ')} }`,
    holds: (each: number) => spans.some(([, range]) => within(each, range)),
  })),
  span.map(([text, range]) => ({
    text: `ip saddr . tcp dport { 203.0.113.9 . ${text} }`,
    holds: (each: number) => within(each, range),
  })),
);

function assertParts(parts: readonly PortRange[], [low, high]: PortRange): void {
  assert.equal(parts[0]?.[0], low);
  assert.equal(parts.at(-1)?.[1], high);
  for (const [index, [from, to]] of parts.entries()) {
    assert.ok(from <= to);
    if (index > 0) assert.equal(from, (parts[index - 1]?.[1] ?? 0) + 1);
  }
}

describe('the pieces of a range', () => {
  it('lie side by side and leave nothing out, whatever the rules say', () => {
    fc.assert(
      fc.property(fc.array(match.map(({ text }) => text)), fc.string(), span, (rules, noise, [, range]) => {
        assertParts(pieces([...rules, noise].join('\n'), range), range);
      }),
    );
  });

  it('have ports in them that meet the same rules', () => {
    fc.assert(
      fc.property(fc.array(match, { maxLength: 6 }), (matches) => {
        const rules = matches.map(({ text }) => `\t\t${text} accept # handle 7`).join('\n');
        for (const [from, to] of pieces(rules, RANGE)) {
          for (const { text, holds } of matches) {
            for (let each = from; each <= to; each++)
              assert.equal(holds(each), holds(from), `${each} ${text}`);
          }
        }
      }),
    );
  });

  it('are few where the rules say little', () => {
    assert.deepEqual(pieces('', RANGE), [RANGE]);
    assert.deepEqual(pieces('tcp dport { 22, 50010-50019 } accept', RANGE), [
      [50_000, 50_009],
      [50_010, 50_010],
      [50_011, 50_018],
      [50_019, 50_019],
      [50_020, 50_200],
    ]);
  });

  it('are cut where iptables writes a list or a span', () => {
    assert.deepEqual(
      pieces('-p tcp -m multiport --dports 50005,50010:50019 -j ACCEPT', RANGE).map(([low]) => low),
      [50_000, 50_005, 50_006, 50_010, 50_011, 50_019, 50_020],
    );
    assert.deepEqual(
      pieces('-p tcp -m tcp --dport 1024:50100 -j ACCEPT', RANGE).map(([low]) => low),
      [50_000, 50_100, 50_101],
    );
  });

  const noPorts: Readonly<Record<string, string>> = {
    'a comment': 'accept comment "50010 and 50020"',
    'a log prefix': 'log prefix "50010: " drop',
    'a handle': 'drop # handle 50010',
    'IPv4 addresses': 'ip saddr { 10.50.0.10, 50.100.50.20/24, 192.0.2.1-192.0.2.50 } drop',
    'IPv6 addresses': 'ip6 saddr { 2001:db8::5001, fe80::/64, 50:60:70:80:90:a0:b0:c0 } drop',
    'a hardware address': 'ether saddr 50:01:02:03:04:05 drop',
    'a hexadecimal mark': 'meta mark 0x50010 accept',
    times: 'timeout 50010s expires 50020ms',
    'the times of an ipset':
      'add bans 192.0.2.1 timeout 50010\nadd bans 192.0.2.2 timeout 50020 packets 50030 bytes 50040',
    'the sizes of sets': 'create bans hash:ip hashsize 50010 maxelem 50020 bucketsize 50030\n\t\tsize 50040',
    'the counters of iptables': ':INPUT DROP [50010:50020]\n[50030:50040] -A INPUT -j DROP',
    'a rate': 'limit rate 50010/second accept',
    'the networks of iptables': '-s 10.50.0.10/32 -d 50:60:70:80::90/128 -j DROP',
    'a mark of iptables': '-m connmark --mark 0x50010/0xfffff -j ACCEPT',
  };
  for (const [what, rule] of Object.entries(noPorts)) {
    it(`are not cut at the numbers of ${what}`, () => {
      assert.deepEqual(pieces(rule, RANGE), [RANGE]);
    });
  }

  it('are single ports where a rule can tell any two ports apart', () => {
    const range: PortRange = [50_000, 50_003];
    const each = [50_000, 50_001, 50_002, 50_003].map((one) => [one, one]);
    for (const rule of [
      'tcp dport & 1 == 1 drop',
      'tcp dport and 0x7 == 1 drop',
      'tcp dport >> 4 == 3125 drop',
      '@th,16,16 50001 drop',
      'jhash tcp dport mod 2 vmap { 0 : accept, 1 : drop }',
      'symhash mod 2 == 0 drop',
      'xt match "u32" counter packets 0 bytes 0 drop',
      '-p tcp -m u32 --u32 "0x0&0x1=0x1" -j DROP',
      '-p tcp -m bpf --bytecode "1,6 0 0 65535" -j DROP',
    ]) {
      assert.deepEqual(pieces(rule, range), each, rule);
    }
  });

  it('are cut in maps that are written without spaces', () => {
    assert.deepEqual(pieces('tcp dport vmap {50001:accept,50003:drop}', [50_000, 50_005]), [
      [50_000, 50_000],
      [50_001, 50_001],
      [50_002, 50_002],
      [50_003, 50_003],
      [50_004, 50_005],
    ]);
  });
});

describe('the networks of a ruleset', () => {
  it('are every address, network and span that it names', () => {
    const rules = `
	set banned {
		type ipv4_addr
		flags interval
		elements = { 192.0.2.1, 198.51.100.0/24,
			     203.0.113.5-203.0.113.9 }
	}
	chain input {
		type filter hook input priority filter; policy drop;
		ip6 saddr { 2001:db8::/32, fe80::1, 2001:db8:1::-2001:db8:2:: } drop # handle 4
		iif "lo" ip saddr != 127.0.0.1 drop # handle 5
		tcp dport vmap { 50000 : accept, 50001 : drop } # handle 6
	}`;
    assert.deepEqual(namedNetworks(rules).sort(), [
      '127.0.0.1',
      '192.0.2.1',
      '198.51.100.0/24',
      '2001:db8:1::-2001:db8:2::',
      '2001:db8::/32',
      '203.0.113.5-203.0.113.9',
      'fe80::1',
    ]);
  });

  it('are none where it names none', () => {
    assert.deepEqual(namedNetworks('tcp dport { 22, 50000-50010 } ct state established,related accept'), []);
  });
});

/** So many ports of the clients' that no 256 are left in a row. */
const HUNDREDS = Array.from({ length: 250 }, (_, at) => 32_768 + at * 120).join(',');

describe('ports that clients come from', () => {
  const from: readonly [string, PortRange][] = [
    ['tcp dport 22 accept', [32_768, 60_999]],
    ['tcp sport 20 tcp dport 50000-51000 accept', [32_768, 49_999]],
    ['-A OUTPUT -p tcp -m tcp --dport 32769:32803 -j DROP', [32_804, 60_999]],
    ['-A INPUT -m conntrack --ctorigsrcport 46121 -j DROP', [46_122, 60_999]],
    ['-A INPUT -p tcp -m tcp --sport 1024:65535 --dport 21 -j ACCEPT', [32_768, 60_999]],
    ['tcp sport 46121 drop', [46_122, 60_999]],
    ['tcp sport 46121 drop\ntcp dport 40000 drop', [46_122, 60_999]],
    [`tcp sport 46121 drop\ntcp dport { ${HUNDREDS} } accept`, [46_122, 60_999]],
    [
      `-A INPUT -p tcp --source-port 46121 -j DROP\n-A INPUT -m multiport --dports ${HUNDREDS}`,
      [46_122, 60_999],
    ],
    [`tcp dport { ${HUNDREDS} } accept`, [32_768, 60_999]],
    ['-A INPUT -p tcp -m tcp --sport 46121 -j DROP', [46_122, 60_999]],
    ['-A INPUT -p tcp -m multiport --sports 40000,46121 -j DROP', [46_122, 60_999]],
    ['-A INPUT -p tcp -m multiport --ports 40000:46121 -j DROP', [46_122, 60_999]],
    ['tcp sport { 40000-46121, 60000 } drop', [46_122, 59_999]],
    ['tcp sport @bad drop\n\t\telements = { 40000,\n\t\t\t46121 }', [46_122, 60_999]],
    ['-A INPUT -m set --match-set bad src,src -j DROP\nadd bad 192.0.2.1,tcp:46121', [46_122, 60_999]],
    ['tcp sport & 1 == 1 drop', [32_768, 60_999]],
  ];
  for (const [rules, ports] of from) {
    it(`are named by none of them where that can be: ${rules.replace(/\s+/g, ' ').slice(0, 80)}`, () => {
      assert.deepEqual(callersOf(rules, portStarts(rules)), ports);
    });
  }

  it('are told apart by no rule, or all that there are', () => {
    const span = fc.tuple(fc.integer({ min: 1, max: 65_535 }), fc.nat(9000));
    fc.assert(
      fc.property(fc.array(span, { maxLength: 12 }), (spans) => {
        const named = spans.map(([low, more]): PortRange => [low, Math.min(low + more, 65_535)]);
        const rules = named.map(([a, b], at) => `tcp ${at % 2 === 0 ? 'sport' : 'dport'} ${a}-${b} drop`);
        const [low, high] = callersOf(rules.join('\n'), portStarts(rules.join('\n')));
        assert.ok(low >= 32_768 && low <= high && high <= 60_999);
        if (high - low === 60_999 - 32_768) return;
        for (const [a, b] of named) assert.ok(b < low || a > high || (a <= low && high <= b), `${a}-${b}`);
      }),
    );
  });
});

describe('ports that connections are led to', () => {
  const led: readonly [string, number[]][] = [
    ['tcp dport 50500 redirect to :21', [21]],
    ['tcp dport 50500-50502 redirect to :5000-5002', [5000, 5001, 5002]],
    ['tcp dport 21 dnat to 10.0.0.5:2121', [2121]],
    ['tcp dport 21 dnat ip to 10.0.0.5:2121 counter', [2121]],
    ['-p tcp -m tcp --dport 50500 -j REDIRECT --to-ports 21', [21]],
    ['-p tcp -j DNAT --to-destination 10.0.0.5:2121-2122', [2121, 2122]],
    ['tcp dport 50500 dnat to 10.0.0.5', []],
    ['tcp dport 50500 accept', []],
  ];
  for (const [rule, ports] of led) {
    it(`are found: ${rule}`, () => assert.deepEqual(targetPorts(rule), ports));
  }

  it('are no more than a few of a long range', () => {
    assert.equal(targetPorts('redirect to :1024-65535').length, 64);
  });
});

import assert from 'node:assert/strict';
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import fc from 'fast-check';
import { mayLackFamilies, withFamilies } from '../../../src/firewall/nftables/families.ts';
import { parseListing } from '../../../src/firewall/nftables/listing.ts';

const RESET = 'reject with tcp reset';
/** Rules of every kind that ends in a reset, and others beside them. */
const RULES = [
  `meta nfproto ipv6 tcp dport 1001 ${RESET}`,
  `meta nfproto ipv4 tcp dport 1002 ${RESET}`,
  `tcp dport 1003 ${RESET}`,
  `meta nfproto ipv6 tcp dport 1004-1010 limit rate 3/minute burst 5 packets ${RESET} comment "an ip { b }"`,
  `iifname "eth0" meta nfproto ipv4 tcp dport 1011 counter ${RESET}`,
  `ip saddr 192.0.2.1 tcp dport 1012 ${RESET}`,
  `ip6 saddr 2001:db8::1 tcp dport 1013 ${RESET}`,
  `meta nfproto != ipv4 tcp dport 1014 ${RESET}`,
  `meta nfproto { ipv4, ipv6 } tcp dport 1015 ${RESET}`,
  'meta nfproto ipv6 tcp dport 1016 drop',
  'meta nfproto ipv4 reject',
];
const SCRIPT = `table inet one {
	chain low {
		meta nfproto ipv6 tcp dport 1 ${RESET}
	}
	chain in {
		type filter hook input priority 0; policy accept;
		${RULES.join('\n\t\t')}
	}
}
table ip two {
	chain low {
		tcp dport 1 ${RESET}
	}
}
`;

interface Shown {
  readonly listing: string;
  readonly compiled: string;
}

/** What the kernel has of a script, in a network namespace of its own: as nft lists it, and as it has compiled it. */
function loaded(script: string): Shown {
  const { stdout, stderr, status } = load(script);
  assert.equal(status, 0, stderr);
  return shown(stdout);
}

function load(script: string): SpawnSyncReturns<string> {
  const command = 'nft -f - && nft -a -s list ruleset && echo ===== && nft --debug=netlink list ruleset';
  return spawnSync('unshare', ['--net', 'sh', '-c', command], { input: script, encoding: 'utf8' });
}

function shown(text: string): Shown {
  const [listing = '', compiled = ''] = text.split('=====\n');
  return { listing, compiled };
}

/**
 * What every rule in the kernel compares and does, in no order: nft may say the same in another one. Sets without a name
 * have numbers, and stand for what is in them.
 */
function compiledRules(compiled: string): string[] {
  const blocks = compiled.split(/^table /m)[0]?.split(/^(?=\w+ \S+ (?:\S+ \d+(?: \d+)?|@\S+)$)/m) ?? [];
  const sets = new Map<string, string>();
  for (const block of blocks) {
    const [, name] = /^\w+ \S+ @(\S+)/.exec(block) ?? [];
    if (name !== undefined) sets.set(name, block.split('\n').slice(1).sort().join());
  }
  const rules = blocks.filter((block) => /^\w+ \S+ \S+ \d/.test(block));
  return rules.map((block) => {
    const lines = block.split('\n').filter((line) => line.startsWith('  ['));
    // What is compared was loaded just before.
    const parts = lines.map(
      (line, at) => (/\[ (cmp|lookup|bitwise|range) /.test(line) ? (lines[at - 1] ?? '') : '') + line,
    );
    const told = parts.map((part) =>
      part
        .replace(/\bset (__\w+)/, (_, name: string) => sets.get(name) ?? '')
        // An ICMP answer that is named for one family is the same as the one for both.
        .replace(/reject type [02] code \d+/, 'reject'),
    );
    return [...new Set(told)].sort().join('\n');
  });
}

const port = fc.integer({ min: 1, max: 65_535 });
const ports = fc.oneof(
  fc.tuple(port, port).map(([a, b]) => (a === b ? String(a) : `${Math.min(a, b)}-${Math.max(a, b)}`)),
  fc.uniqueArray(port, { minLength: 2, maxLength: 5 }).map((each) => `{ ${each.join(', ')} }`),
);
const match = fc.oneof(
  fc
    .tuple(fc.constantFrom('tcp dport', 'tcp dport !=', 'tcp sport', 'th dport'), ports)
    .map((parts) => parts.join(' ')),
  fc.constantFrom(
    ...['meta nfproto ipv4', 'meta nfproto ipv6', 'meta nfproto != ipv6', 'meta nfproto { ipv4, ipv6 }'],
    ...[
      'ip saddr 192.0.2.1',
      'ip saddr != 10.0.0.0/8',
      'ip6 saddr 2001:db8::/32',
      'meta protocol { ip, ip6 }',
    ],
    ...['meta l4proto tcp', 'ct state new', 'ct state { new, established }', 'iifname "ip eth*"', 'iif "lo"'],
    ...[
      'tcp flags syn',
      'tcp flags & (fin | syn | rst | ack) == syn',
      'meta mark & 0xff == 0x5',
      'ct mark 1',
    ],
    ...['limit rate over 10/minute burst 7 packets', 'meta length 40-100', 'fib daddr type local', 'counter'],
    ...['log prefix "ip x"', 'meta iifname . tcp dport { "eth0" . 22 }', 'tcp dport & 1 == 1', 'meta cpu 0'],
  ),
);
const end = fc.constantFrom(
  ...['accept', 'drop', 'reject', RESET, RESET, RESET, `${RESET} comment "an ip"`, 'jump low', 'goto low'],
  ...[
    'reject with icmpx admin-prohibited',
    'reject with icmp host-prohibited',
    'reject with icmpv6 no-route',
  ],
  ...['counter accept', 'tcp dport vmap { 22 : accept, 80 : jump low }', 'return'],
);
/** Nobody names a family twice: nft lists such a rule as it likes. */
const anyRule = fc
  .tuple(fc.array(match, { maxLength: 4 }), end)
  .map(([matches, verdict]) => [...matches, verdict].join(' '))
  .filter((rule) => (rule.match(/\bnfproto|\bip6? saddr|\bicmp(v6)?\b/g) ?? []).length <= 1);

describe('a listing with its families', () => {
  it('loads as the rules that it was made of', () => {
    const { listing, compiled } = loaded(SCRIPT);
    assert.ok(mayLackFamilies(listing));
    const whole = withFamilies(listing, compiled);
    const again = loaded(whole);
    assert.deepEqual(compiledRules(again.compiled), compiledRules(compiled));
    assert.equal(withFamilies(again.listing, again.compiled), whole);
  });

  it('loads as any rule that nft takes', () => {
    fc.assert(
      fc.property(anyRule, (rule) => {
        const script = `table inet one {\nchain low {\n}\nchain in {\ntype filter hook input priority 0;\n${rule}\n}\n}\n`;
        const first = load(script);
        fc.pre(first.status === 0);
        const { listing, compiled } = shown(first.stdout);
        const again = loaded(withFamilies(listing, compiled));
        const [wanted] = compiledRules(compiled);
        assert.ok(wanted, 'nothing was read of the kernel');
        assert.deepEqual(compiledRules(again.compiled), [wanted]);
      }),
      { numRuns: 150 },
    );
  }).timeout(60_000);

  it('says the family that a rule is for, and of one for both says none', () => {
    const { listing, compiled } = loaded(SCRIPT);
    const [low = [], input = [], other = []] = parseListing(withFamilies(listing, compiled)).map(
      ({ rules }) => rules.map(({ text }) => text),
    );
    assert.deepEqual(low, [`meta nfproto ipv6 tcp dport 1 ${RESET}`]);
    assert.deepEqual(other, [`tcp dport 1 ${RESET}`]);
    assert.deepEqual(input.slice(0, 3), RULES.slice(0, 3));
    assert.match(input[3] ?? '', /^meta nfproto ipv6 tcp dport 1004-1010 limit .* comment "an ip \{ b \}"$/);
    assert.match(input[4] ?? '', /^(meta nfproto ipv4 iifname "eth0"|iifname "eth0" meta nfproto ipv4) tcp/);
    assert.deepEqual(input.slice(5, 9), RULES.slice(5, 9));
  });

  it('is the listing itself where nothing is told of the kernel', () => {
    const { listing } = loaded(SCRIPT);
    assert.equal(withFamilies(listing, ''), listing);
  });

  it('is asked for only where a rule could lack one', () => {
    const chain = (rule: string): string => `{\nchain in {\n${rule}\n}\n}\n`;
    const { listing } = loaded(
      `table inet one ${chain('meta nfproto ipv6 reject')}table ip two ${chain(RESET)}`,
    );
    assert.ok(!mayLackFamilies(listing));
  });
});

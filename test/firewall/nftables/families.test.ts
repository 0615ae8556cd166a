import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
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

/** What the kernel has of a script, in a network namespace of its own: as nft lists it, and as it has compiled it. */
function loaded(script: string): { listing: string; compiled: string } {
  const command = 'nft -f - && nft -a -s list ruleset && echo ===== && nft --debug=netlink list ruleset';
  const { stdout, stderr, status } = spawnSync('unshare', ['--net', 'sh', '-c', command], {
    input: script,
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  const [listing = '', compiled = ''] = stdout.split('=====\n');
  return { listing, compiled };
}

/** The comparisons of every rule in the kernel, without its number. */
function compiledRules(compiled: string): string[] {
  const blocks = compiled.split(/^(?=\w+ \S+ \S+ \d+(?: \d+)?$)/m).slice(1);
  return blocks.map((block) =>
    block
      .split('\n')
      .filter((line) => line.startsWith('  ['))
      .map((line) => line.replace(/__set\d+/, '__set'))
      .sort()
      .join('\n'),
  );
}

describe('a listing with its families', () => {
  it('loads as the rules that it was made of', () => {
    const { listing, compiled } = loaded(SCRIPT);
    assert.ok(mayLackFamilies(listing));
    const whole = withFamilies(listing, compiled);
    const again = loaded(whole.replaceAll(/counter /g, 'counter packets 0 bytes 0 '));
    assert.deepEqual(compiledRules(again.compiled), compiledRules(compiled));
    assert.equal(withFamilies(again.listing, again.compiled), whole);
  });

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

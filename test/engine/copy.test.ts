import assert from 'node:assert/strict';
import { calm, firstLine, likenCopy, listCopy, loadCopy, savedTables } from '../../src/engine/copy.ts';
import type { Namespaces } from '../../src/engine/ports.ts';
import { readRules, type RulesNow } from '../../src/engine/rules.ts';
import { parseListing } from '../../src/firewall/nftables/listing.ts';
import { NO_RULES, type Ruleset } from '../../src/firewall/ruleset.ts';
import { tools } from '../../src/system/programs.ts';
import { refusal } from '../core/refusal.ts';
import { openReal } from './real.ts';

async function copied(copy: Namespaces, ruleset: Ruleset): Promise<string> {
  const restored = savedTables(ruleset);
  await loadCopy(copy, tools, ruleset, '', restored, Promise.resolve(false));
  return likenCopy(copy, tools, ruleset, restored);
}

describe('a rule made calm', () => {
  const PACKETS = 'rate 10000/second burst 10000 packets';
  const BYTES = '1000 mbytes/second burst 1000 mbytes';
  const rows: readonly (readonly [rule: string, calmed: string])[] = [
    ['limit rate 3/minute accept', `limit ${PACKETS} accept`],
    ['limit rate 3/minute burst 7 packets accept', `limit ${PACKETS} accept`],
    [
      'limit rate over 25/second burst 5 packets drop',
      'limit rate over 10000/second burst 10000 packets drop',
    ],
    ['limit rate 10 mbytes/second drop', `limit rate ${BYTES} drop`],
    ['limit rate over 512 kbytes/second burst 5 kbytes drop', `limit rate over ${BYTES} drop`],
    ['limit rate 1000 bytes/hour accept', `limit rate ${BYTES} accept`],
    [
      'add @seen { ip saddr limit rate over 3/minute } drop',
      'add @seen { ip saddr limit rate over 10000/second burst 10000 packets } drop',
    ],
    ['\tlimit ssh {\n\t\trate 3/second burst 2 packets\n\t}', `\tlimit ssh {\n\t\t${PACKETS}\n\t}`],
    ['ct count over 3 reject', 'ct count over 1000000 reject'],
    ['ct count 20 accept', 'ct count 1000000 accept'],
    ['ct count over 0 drop', 'ct count over 0 drop'],
    ['-m limit --limit 3/min -j LOG', '-m limit --limit 10000/sec --limit-burst 10000 -j LOG'],
    [
      '-m limit --limit 100/sec --limit-burst 150 -j RETURN',
      '-m limit --limit 10000/sec --limit-burst 10000 -j RETURN',
    ],
    [
      '-m hashlimit --hashlimit-upto 3/min --hashlimit-burst 5 --hashlimit-mode srcip --hashlimit-name a -j ACCEPT',
      '-m hashlimit --hashlimit-upto 10000/sec --hashlimit-burst 10000 --hashlimit-mode srcip --hashlimit-name a -j ACCEPT',
    ],
    [
      '-m hashlimit --hashlimit-above 512kb/s --hashlimit-burst 1mb --hashlimit-mode srcip --hashlimit-name b -j DROP',
      '-m hashlimit --hashlimit-above 10000/sec --hashlimit-burst 10000 --hashlimit-mode srcip --hashlimit-name b -j DROP',
    ],
    [
      '-m connlimit --connlimit-above 3 --connlimit-mask 32 -j REJECT',
      '-m connlimit --connlimit-above 1000000 --connlimit-mask 32 -j REJECT',
    ],
    ['-m connlimit --connlimit-upto 20 -j ACCEPT', '-m connlimit --connlimit-upto 1000000 -j ACCEPT'],
    [
      '-m recent --update --seconds 60 --hitcount 4 --name x -j DROP',
      '-m recent --update --seconds 60 --hitcount 250 --name x -j DROP',
    ],
    [
      'tcp dport 50000 counter packets 3 bytes 180 accept',
      'tcp dport 50000 counter packets 3 bytes 180 accept',
    ],
    ['-m limit-less --limitless 3', '-m limit-less --limitless 3'],
  ];
  for (const [rule, calmed] of rows) {
    it(`is never used up: ${rule.replace(/\s+/g, ' ')}`, () => {
      assert.equal(calm(rule), calmed);
      assert.equal(calm(calmed), calmed);
    });
  }
});

describe('the first line', () => {
  it('is what a program says first', () => {
    assert.equal(firstLine('\nError: one\ntwo\n'), 'Error: one');
    assert.equal(firstLine(''), '');
  });
});

describe('a copy', function () {
  this.timeout(20_000);
  const opened: Namespaces[] = [];
  const namespaces = async (): Promise<Namespaces> => {
    const each = await openReal();
    opened.push(each);
    return each;
  };
  afterEach(() => Promise.all(opened.splice(0).map((each) => each.close())));

  const run = async (live: Namespaces, argv: readonly string[], stdin = ''): Promise<string> => {
    const result = await live.run(argv, { stdin });
    assert.equal(result.code, 0, `${argv.join(' ')}: ${result.stderr}`);
    return result.stdout;
  };
  const rulesOf = (live: Namespaces): Promise<RulesNow> => {
    const read = async (path: string) => {
      const { code, stdout } = await live.run(['/bin/cat', path]);
      return code === 0 ? ({ path, text: stdout, encoding: 'utf8', tag: '', mtimeMs: 0 } as const) : null;
    };
    const files = { read } as Parameters<typeof readRules>[0]['files'];
    return readRules({ run: (argv, options) => live.run(argv, options), files, tools });
  };
  /** Every chain that says anything, in one order; iptables makes some that say nothing. */
  const chainsOf = (listing: string): string[] =>
    parseListing(listing)
      .filter(({ rules, base }) => rules.length > 0 || (base !== null && !base.includes('policy accept')))
      .map(({ family, table, chain, base, rules }) =>
        [`${family} ${table} ${chain}`, base ?? '-', ...rules.map(({ text }) => text)].join('\n'),
      )
      .sort();
  /** Without what differs from time to time: remarks, counters, handles, the order of tables. */
  const plain = ({ ruleset: { nft, ipsets, saved } }: RulesNow): unknown => ({
    chains: chainsOf(nft),
    sets: nft.match(/^\tset (?:.*\n)*?\t\}$/gm),
    ipsets: ipsets.replace(/ initval \S+/g, ''),
    saved: saved.map(({ tool, family, text }) => {
      const sections = text.replace(/^#.*\n/gm, '').replace(/\[\d+:\d+\]/g, '');
      return [tool, family, ...sections.split(/^(?=\*)/m).sort()];
    }),
  });

  const SETS =
    'create bans hash:ip\nadd bans 192.0.2.66\ncreate six hash:net family inet6\nadd six 2001:db8:bad::/48\n';
  const OWN = `*filter
:INPUT DROP [0:0]
:bans - [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -m set --match-set bans src -m comment --comment "old bans" -j DROP
-A INPUT -p tcp -m recent --rcheck --name seen -j bans
-A INPUT -p tcp -m multiport --dports 21,22,2087 -j ACCEPT
-A bans -j REJECT --reject-with icmp-port-unreachable
COMMIT
*raw
-A PREROUTING -p udp -j CT --notrack
COMMIT
`;
  const SIX =
    '*filter\n:INPUT DROP [0:0]\n-A INPUT -m set --match-set six src -j DROP\n-A INPUT -p ipv6-icmp -j ACCEPT\nCOMMIT\n';
  const NATIVE = `table inet guard {
  set bans { type ipv4_addr; flags interval; elements = { 198.51.100.0/24, 203.0.113.5-203.0.113.9 } }
  chain early { type filter hook prerouting priority -200; policy accept; ip saddr @bans drop
    iifname "eth0" tcp dport vmap { 50000 : accept, 50001 : drop } comment "} table ip filter {"
  }
}
table netdev edge {
  chain in { type filter hook ingress device "eth0" priority 0; policy accept; ip saddr 192.0.2.77 drop
  }
}
`;

  it('has all that decides: rules of nft and of both kinds of iptables, and the sets that they ask', async () => {
    const live = await namespaces();
    await run(live, [tools.ipset, 'restore'], SETS);
    await run(live, [tools.nft, '-f', '-'], NATIVE);
    await run(live, [tools.iptables('ip', 'iptables', '-restore')], OWN);
    await run(live, [tools.iptables('ip6', 'iptables', '-restore')], SIX);
    await run(live, [tools.iptables('ip', 'iptables-legacy', '-restore')], OWN.replace('seen', 'found'));
    await run(live, [tools.iptables('ip6', 'iptables-legacy', '-restore')], SIX);
    const original = await rulesOf(live);
    assert.equal(original.trouble, null);
    assert.deepEqual(
      original.ruleset.saved.map(({ tool, family }) => `${tool} ${family}`),
      ['iptables ip', 'iptables ip6', 'iptables-legacy ip', 'iptables-legacy ip6'],
    );
    const copy = await namespaces();
    const listing = await copied(copy, original.ruleset);
    assert.equal(listing, await listCopy(copy, tools, original.ruleset));
    assert.deepEqual(plain(await rulesOf(copy)), plain(original));
  });

  it('has rules as nft made them, where iptables cannot say them', async () => {
    const live = await namespaces();
    await run(
      live,
      [tools.iptables('ip', 'iptables', '-restore')],
      OWN.replaceAll('-m set --match-set bans src ', ''),
    );
    const script = `insert rule ip filter INPUT tcp dport { 80, 443 } counter accept
add rule ip filter bans tcp dport 50000-50010 tcp sport != { 1, 2 } limit rate 3/minute drop comment "nft's own"
`;
    await run(live, [tools.nft, '-f', '-'], script);
    const original = await rulesOf(live);
    assert.equal(original.trouble, null);
    assert.match(original.ruleset.saved[0]?.text ?? '', /^-A INPUT -p tcp -j ACCEPT$/m);
    const copy = await namespaces();
    const listing = await copied(copy, original.ruleset);
    assert.equal(listing, await listCopy(copy, tools, original.ruleset));
    assert.deepEqual(chainsOf(listing), chainsOf(calm(original.ruleset.nft)));
  });

  it('is refused where it cannot be alike', async () => {
    const live = await namespaces();
    const match =
      '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -m recent --rcheck --name x -j DROP\n-A INPUT -j DROP\nCOMMIT\n';
    await run(live, [tools.iptables('ip', 'iptables', '-restore')], match);
    const { ruleset } = await rulesOf(live);
    const unlike = (given: Ruleset, why: RegExp): Promise<void> =>
      assert.rejects(
        namespaces().then((copy) => copied(copy, given)),
        why,
      );
    const [saved] = ruleset.saved;
    assert.ok(saved);
    const shorter = { ...ruleset, saved: [{ ...saved, text: saved.text.replace('-A INPUT -j DROP\n', '') }] };
    const sentence =
      /^Problem: Rules of nft and of iptables are mixed so that no copy can be made: ip filter INPUT\.$/;
    await unlike(shorter, sentence);
    const other = {
      ...ruleset,
      saved: [{ ...saved, text: saved.text.replace(/-m recent .* -j/, '-p udp -j') }],
    };
    await unlike(other, sentence);
    const gone = { ...ruleset, saved: [{ ...saved, text: saved.text.replaceAll('INPUT', 'FORWARD') }] };
    await unlike(gone, sentence);
  });

  it('is refused in the words of the tool that does not load it', async () => {
    const refused = async (some: Partial<Ruleset>): Promise<string> => {
      const copy = await namespaces();
      const ruleset = { ...NO_RULES, ...some };
      const thrown: unknown = await loadCopy(
        copy,
        tools,
        ruleset,
        '',
        savedTables(ruleset),
        Promise.resolve(false),
      ).catch((error: unknown) => error);
      return String(thrown);
    };
    assert.match(
      await refused({ nft: 'table inet f {' }),
      /^Problem: The rules do not load: .*Error: syntax error[^\n]*$/,
    );
    const saved = { family: 'ip', tool: 'iptables', text: '*filter\n-A NOWHERE -j DROP\nCOMMIT\n' } as const;
    assert.match(
      await refused({ saved: [saved] }),
      /^Problem: The rules do not load: [^\n]*(iptables|line 2)[^\n]*$/,
    );
    const legacy = { ...saved, tool: 'iptables-legacy' } as const;
    assert.match(
      await refused({ saved: [legacy] }),
      /^Problem: The rules do not load: iptables[^\n]*line 2[^\n]*$/,
    );
    assert.match(
      await refused({ ipsets: 'create x hash:nothing\n' }),
      /^Problem: The rules do not load: ipset [^\n]*$/,
    );
  });

  it('names the program that is not there', async () => {
    const copy = await namespaces();
    const none = { ...tools, ipset: '/sbin/no-ipset' };
    await assert.rejects(
      loadCopy(copy, none, { ...NO_RULES, ipsets: SETS }, '', [], Promise.resolve(false)),
      refusal('The rules do not load: /sbin/no-ipset is not installed here.', 'command-failed'),
    );
  });
});

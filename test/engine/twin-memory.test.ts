import assert from 'node:assert/strict';
import { findPlacement } from '../../src/engine/placement.ts';
import { compare, takeCensus } from '../../src/engine/gate.ts';
import type { Twin } from '../../src/engine/twin.ts';
import { iptables } from '../../src/firewall/iptables/iptables.ts';
import { nftables } from '../../src/firewall/nftables/nftables.ts';
import { NO_RULES, type Ruleset } from '../../src/firewall/ruleset.ts';
import { factsOf } from '../firewall/rulesets.ts';
import { ofNft } from './real.ts';
import { openRealTwin } from './twins.ts';

const LINKS = [{ name: 'eth0', addresses: ['10.99.0.1/24', 'fd99::1/64'] }];
const RANGE = [50_000, 50_010] as const;

/** Whoever knocks where nothing is, is kept out for an hour; the server let its office in from the first. */
const NFT = `table inet filter {
  set scanners { type ipv4_addr; flags dynamic, timeout; timeout 1h; elements = { 192.0.2.66 } }
  chain input {
    type filter hook input priority filter; policy accept;
    ct state established,related accept
    ip saddr @scanners drop
    tcp dport { 22, 2087 } accept
    ip saddr 192.0.2.7 accept
    meta nfproto ipv4 meta l4proto tcp add @scanners { ip saddr } drop
  }
}
`;
const SAVED = `*filter
:INPUT ACCEPT [0:0]
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -m recent --rcheck --seconds 3600 --name scanners --mask 255.255.255.255 --rsource -j DROP
-A INPUT -p tcp -m multiport --dports 22,2087 -j ACCEPT
-A INPUT -s 192.0.2.7/32 -j ACCEPT
-A INPUT -p tcp -m recent --set --name scanners --mask 255.255.255.255 --rsource -j DROP
COMMIT
`;

const ROWS: readonly (readonly [what: string, ruleset: Ruleset])[] = [
  ['a set of nft', ofNft(NFT)],
  ['a list of iptables', { ...NO_RULES, saved: [{ family: 'ip', tool: 'iptables', text: SAVED }] }],
  [
    'a list of iptables-legacy',
    { ...NO_RULES, saved: [{ family: 'ip', tool: 'iptables-legacy', text: SAVED }] },
  ],
];

describe('a firewall that remembers who came', function () {
  this.timeout(30_000);
  const opened: Twin[] = [];
  afterEach(() => Promise.all(opened.splice(0).map((twin) => twin.close())));

  for (const [what, ruleset] of ROWS) {
    it(`answers each question as if nobody had come before: ${what}`, async () => {
      const twin = await openRealTwin(ruleset, LINKS);
      opened.push(twin);
      for (const range of [RANGE, [1, 65_535], RANGE, [2080, 2090]] as const) {
        const { ipv4 } = await twin.ask(range, ['ipv4']);
        const places = new Set(ipv4?.blocked.map(({ decision }) => decision?.index));
        assert.deepEqual([...places], [4], range.join('-'));
      }
      const { ipv4 } = await twin.ask([22, 22], ['ipv4']);
      assert.deepEqual(ipv4?.open, [[22, 22]]);
    });

    it(`gets its accept below those whom it keeps out: ${what}`, async () => {
      const twin = await openRealTwin(ruleset, LINKS);
      opened.push(twin);
      const question = { range: RANGE, families: ['ipv4'] } as const;
      const facts = factsOf(ruleset);
      const realm = { keeper: null, rulebooks: [iptables, nftables], facts, overridden: null };
      const before = await takeCensus(twin, RANGE);
      const { rules } = await findPlacement(realm, twin, question);
      assert.deepEqual(
        rules.map((rule) => rule.before),
        [4],
      );
      compare(before, await takeCensus(twin, RANGE), question);
      const { ipv4 } = await twin.ask(RANGE, ['ipv4']);
      assert.deepEqual(ipv4?.open, [RANGE]);
    });
  }

  it('keeps an address out that it kept out before', async () => {
    const twin = await openRealTwin(ofNft(NFT), LINKS);
    opened.push(twin);
    const place = { family: 'inet', table: 'filter', chain: 'input', text: 'tcp dport 50000-50010 accept' };
    await twin.place([{ ...place, before: 4 }]);
    const { ipv4 } = await twin.ask(RANGE, ['ipv4'], '192.0.2.66');
    assert.deepEqual(
      ipv4?.blocked.map(({ decision }) => decision?.index),
      [1],
    );
  });
});

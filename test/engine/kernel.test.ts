import assert from 'node:assert/strict';
import { mergeRanges, type PortRange } from '../../src/core/range.ts';
import { piecesOf, portStarts } from '../../src/engine/boundaries.ts';
import { openTwin } from '../../src/engine/twin.ts';
import type { Chain } from '../../src/firewall/ruleset.ts';
import { parseListing } from '../../src/firewall/nftables/listing.ts';
import { openKernel } from './kernel.ts';
import { ofNft, REAL } from './real.ts';
import { RULES } from './server.ts';

const ALL: PortRange = [1, 65535];
const MANY = [
  'table inet filter {',
  '\tchain input {',
  '\t\ttype filter hook input priority filter; policy accept;',
  '\t\ttcp dport { 21, 2087 } accept',
  '\t\tjump services',
  '\t\tmeta nfproto ipv4 tcp dport 50000-60000 counter drop',
  '\t\ttcp dport 1-1023 reject with tcp reset',
  '\t}',
  '',
  '\tchain services {',
  '\t\ttcp dport 22 accept comment "ssh"',
  '\t\ttcp dport 23 return',
  '\t\ttcp dport { 3306, 5432 } drop',
  '\t}',
  '}',
  'table ip6 later {',
  '\tchain again {',
  '\t\ttype filter hook input priority filter + 10; policy accept;',
  '\t\ttcp dport 2087 drop',
  '\t}',
  '}',
  '',
].join('\n');

describe('the small kernel of these tests', () => {
  for (const [name, rules] of [
    [
      'one table',
      RULES.replace('\t\tct', '\t\tmeta l4proto ipv6-icmp accept\n\t\tudp dport 53 accept\n\t\tct'),
    ],
    ['many chains', MANY],
  ] as const) {
    it(`lists and decides as the real one does: ${name}`, async () => {
      const small = openKernel(rules);
      const twin = await openTwin(REAL, ofNft(rules));
      try {
        const texts = (chains: readonly Chain[]): unknown =>
          chains.map(({ chain, base, rules: own }) => [chain, base, own.map(({ text }) => text)]);
        assert.deepEqual(texts(parseListing(small.listing())), texts(twin.chains));
        const reaches = await twin.ask(ALL, ['ipv4', 'ipv6']);
        for (const family of ['ipv4', 'ipv6'] as const) {
          const open = piecesOf(ALL, portStarts(rules)).filter(
            ([port]) => small.meet(family, port).outcome === 'open',
          );
          assert.deepEqual(mergeRanges(open), reaches[family]?.open, family);
          for (const { range, decision } of reaches[family]?.blocked ?? []) {
            const [port] = range;
            const last = small.meet(family, port).passed.at(-1);
            assert.equal(
              last?.rule?.text ?? 'policy drop',
              decision?.text.replace(/ packets \d+ bytes \d+/, ''),
              `${family} ${port}`,
            );
          }
        }
      } finally {
        await twin.close();
      }
    }).timeout(20_000);
  }
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { PlacedRule } from '../../src/core/plan.ts';
import { listedOf, openLayout, type Layout } from '../../src/engine/layout.ts';
import { withoutOthers } from '../../src/engine/others.ts';
import type { OurRule } from '../../src/firewall/firewall.ts';
import { parseListing } from '../../src/firewall/nftables/listing.ts';
import { deleteCommands, insertCommands } from '../../src/firewall/placing.ts';
import { NO_RULES, type Chain } from '../../src/firewall/ruleset.ts';
import { openKernel, type Kernel } from './kernel.ts';
import { TOOLS } from './server.ts';

const PLACES = ['a', 'b'].map((chain) => ({ family: 'inet', table: 'filter', chain }));

/** Two chains with so many rules, no two of one text. */
function kernelWith(counts: readonly number[]): Kernel {
  const chains = counts.map((count, which) => {
    const rules = Array.from({ length: count }, (_, index) => `tcp dport ${1 + which * 100 + index} accept`);
    return [`chain ${PLACES[which]?.chain ?? ''} {`, ...rules, '}'].join('\n');
  });
  return openKernel(['table inet filter {', ...chains, '}', ''].join('\n'));
}

const step = ({ family, table, chain }: Chain, handle: number | null, text: string) => {
  return { id: '1', family, table, chain, handle, text, verdict: 'drop' };
};

const placeOf = ({ family, table, chain }: Chain): Omit<PlacedRule, 'before' | 'text'> => ({
  family,
  table,
  chain,
});

/** Each rule of the copy is told by its place in the original, and is found from it. */
function assertAlike(layout: Layout, kernel: Kernel, gone: ReadonlySet<string>): void {
  const copy = parseListing(kernel.listing());
  const listed = listedOf(copy);
  const seen = new Set<string>();
  for (const chain of copy) {
    const original = layout.chains.find((each) => each.chain === chain.chain) ?? assert.fail();
    for (const [position, { handle, text }] of chain.rules.entries()) {
      const decision = layout.decisionOf(step(chain, handle, text), listed);
      assert.equal(decision.text, text);
      assert.deepEqual(layout.original({ ...decision, index: position }), decision);
      if (text.includes('new')) assert.equal(decision.index, null);
      else {
        assert.equal(original.rules[decision.index ?? -1]?.text, text);
        assert.equal(layout.positionOf({ ...placeOf(chain), before: decision.index, text: '' }), position);
        seen.add(text);
      }
    }
  }
  const all = layout.chains.flatMap(({ rules }) => rules.map(({ text }) => text));
  assert.deepEqual(
    all.filter((text) => !seen.has(text)),
    all.filter((text) => gone.has(text)),
  );
}

describe('the layout of a copy', () => {
  const count = fc.integer({ min: 0, max: 6 });
  const deeds = fc.array(
    fc.record({
      kind: fc.constantFrom('place', 'place two', 'remove'),
      which: fc.constantFrom(0, 1),
      at: fc.nat(6),
    }),
    { maxLength: 12 },
  );

  it('knows each rule again, whatever is put in and taken out', () => {
    fc.assert(
      fc.property(fc.tuple(count, count), deeds, (counts, all) => {
        const kernel = kernelWith(counts);
        const layout = openLayout({ ...NO_RULES, nft: kernel.listing() });
        const gone = new Set<string>();
        for (const [number, { kind, which, at }] of all.entries()) {
          const place = PLACES[which] ?? assert.fail();
          const text = layout.chains.find(({ chain }) => chain === place.chain)?.rules[at]?.text;
          const here = text !== undefined && !gone.has(text);
          if (kind === 'remove') {
            if (!here) continue;
            const rule: OurRule = { ...place, text, index: at, ports: [], next: null };
            run(kernel, deleteCommands(TOOLS, [rule], layout.now(kernel.listing())));
            layout.removed([rule]);
            gone.add(text);
          } else {
            const rules = (kind === 'place' ? [1] : [1, 2]).map((each): PlacedRule => {
              const mark = `accept comment "new ${number} ${each}"`;
              return { ...place, text: mark, before: here ? at : null };
            });
            const placed = rules.map((rule) => ({ ...rule, before: layout.positionOf(rule) }));
            run(kernel, insertCommands(TOOLS, placed, layout.now(kernel.listing())));
            layout.placed(rules);
            assertOrder(kernel, rules, here ? text : null);
          }
          assertAlike(layout, kernel, gone);
        }
      }),
    );
  });

  it('calls the policy and rules of chains that it does not know by their own words', () => {
    const kernel = kernelWith([2, 0]);
    const layout = openLayout({ ...NO_RULES, nft: kernel.listing() });
    const listed = listedOf(parseListing(kernel.listing()));
    const place = { family: 'inet', table: 'filter', chain: 'a' };
    assert.deepEqual(
      layout.decisionOf({ id: '1', ...place, handle: null, text: 'policy drop', verdict: 'drop' }, listed),
      { tool: 'nft', ...place, index: null, text: 'policy drop' },
    );
    const other = { ...place, chain: 'later' };
    assert.deepEqual(
      layout.decisionOf({ id: '1', ...other, handle: 3, text: 'drop', verdict: 'drop' }, listed),
      { tool: 'nft', ...other, index: null, text: 'drop' },
    );
    assert.equal(layout.positionOf({ ...place, before: 9, text: '' }), null);
  });

  it('has the rules of iptables in its own words, those in the copy too', () => {
    const nft = [
      'table ip filter { # handle 1',
      '\tchain INPUT { # handle 1',
      '\t\ttype filter hook input priority filter; policy accept;',
      '\t\ttcp dport 22 counter packets 0 bytes 0 accept # handle 4',
      '\t\tcounter packets 0 bytes 0 drop # handle 5',
      '\t}',
      '}',
      '',
    ].join('\n');
    const text =
      '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n-A INPUT -j DROP\n';
    const legacy = '*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n';
    const layout = openLayout({
      ...NO_RULES,
      nft,
      saved: [
        { family: 'ip', tool: 'iptables', text: `${text}COMMIT\n` },
        { family: 'ip', tool: 'iptables-legacy', text: legacy },
      ],
    });
    const place = { family: 'ip', table: 'filter', chain: 'INPUT' };
    layout.placed([{ ...place, tool: 'iptables', text: 'ours', before: 1 }]);
    layout.placed([{ ...place, tool: 'iptables-legacy', text: 'ours', before: 0 }]);
    const copy = nft.replace('\t\tcounter', '\t\ttcp dport 50000 accept # handle 6\n\t\tcounter');
    assert.deepEqual(
      layout.now(copy).map(({ tool, rules }) => [tool, rules.map((rule) => [rule.handle, rule.text])]),
      [
        [
          'iptables',
          [
            [4, '-p tcp -m tcp --dport 22 -j ACCEPT'],
            [6, 'tcp dport 50000 accept'],
            [5, '-j DROP'],
          ],
        ],
        ['iptables-legacy', [[null, '-i lo -j ACCEPT']]],
      ],
    );
    const decided = { id: '1', ...place, handle: 5, text: 'counter drop', verdict: 'drop' };
    assert.deepEqual(layout.decisionOf(decided, listedOf(parseListing(copy))), {
      tool: 'iptables',
      ...place,
      index: 1,
      text: '-j DROP',
    });
    assert.equal(layout.positionOf({ ...place, tool: 'iptables', before: 1, text: '' }), 2);
    assert.equal(layout.positionOf({ ...place, tool: 'iptables-legacy', before: 0, text: '' }), 1);
    const counted = { tool: 'iptables-legacy', ...place, index: 1, text: '-i lo -j ACCEPT' } as const;
    assert.equal(layout.original(counted).index, 0);
    assert.equal(layout.original({ ...counted, index: 0 }).index, null);
  });

  it('counts the rules of a copy without some among all of the original', () => {
    const nft = kernelWith([4, 1]).listing().replace('tcp dport 2 accept', 'ip saddr 198.18.0.1 drop');
    const light = withoutOthers(nft, []);
    assert.ok(light);
    const layout = openLayout({ ...NO_RULES, nft }, light);
    const [first = assert.fail()] = layout.chains;
    assert.equal(first.rules.length, 4);
    assert.equal(layout.listedBy(first, [11, 12, 13, 14]), null);
    const listed = layout.listedBy(first, [11, 12, 13]);
    assert.ok(listed);
    assert.deepEqual(
      [11, 12, 13]
        .map((handle) => layout.decisionOf(step(first, handle, ''), listed))
        .map(({ index, text }) => [index, text]),
      [0, 2, 3].map((index) => [index, first.rules[index]?.text]),
    );
  });

  it('knows a rule by the number that the copy gave it, unless that has more or fewer', () => {
    const layout = openLayout({ ...NO_RULES, nft: kernelWith([3, 2]).listing() });
    const [first] = layout.chains;
    assert.ok(first);
    const found = layout.listedBy(first, [11, 17, 12]);
    assert.deepEqual(
      [11, 17, 12].map((handle) => found?.get(`inet filter a ${handle}`)),
      first.rules.map(({ text }, position) => ({ position, text })),
    );
    for (const handles of [[], [11, 17], [11, 17, 12, 18]])
      assert.equal(layout.listedBy(first, handles), null);
  });
});

function run(kernel: Kernel, commands: ReturnType<typeof insertCommands>): void {
  for (const { stdin = '' } of commands) kernel.load(stdin);
}

/** What was put in stands in its order directly before the rule it was meant for, or at the end. */
function assertOrder(kernel: Kernel, rules: readonly PlacedRule[], next: string | null): void {
  const chain = parseListing(kernel.listing()).find((each) => each.chain === rules[0]?.chain);
  const texts = (chain ?? assert.fail()).rules.map(({ text }) => text);
  const at = texts.indexOf(rules[0]?.text ?? '');
  assert.deepEqual(
    texts.slice(at, at + rules.length),
    rules.map(({ text }) => text),
  );
  assert.equal(texts[at + rules.length] ?? null, next);
}

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { mergeRanges, type PortRange } from '../../../src/core/range.ts';
import type { Decision, Family, Tool } from '../../../src/core/reach.ts';
import { parseListing, sameText } from '../../../src/firewall/nftables/listing.ts';
import { nftables, portsOf } from '../../../src/firewall/nftables/nftables.ts';
import { deleteCommands, insertCommands, type Tools } from '../../../src/firewall/placing.ts';
import { loadInto, rulesOf } from './kernel.ts';

const COMMENT = 'comment "ftp-passive:managed"';
const listing = readFileSync(
  new URL('../../fixtures/nftables-listing/two-families.nft', import.meta.url),
  'utf8',
);
const RANGE: PortRange = [49152, 65534];

const TOOLS: Tools = { nft: '/usr/sbin/nft', ipset: '', iptables: () => '' };
/** What nft is told to do the commands, all of which are its own. */
const scriptOf = (commands: ReturnType<typeof insertCommands>): string =>
  commands.map(({ argv, stdin = '' }) => (argv[0] === TOOLS.nft ? stdin : assert.fail())).join('');

const decision = (family: string, index: number | null = 9): Decision => ({
  tool: 'nft',
  family,
  table: 'filter',
  chain: 'INPUT',
  index,
  text: index === null ? 'policy drop' : 'drop',
});
const denial = (family: string, families: readonly Family[], ports: readonly PortRange[] = [RANGE]) => ({
  decision: decision(family),
  ports,
  families,
});

const textsOf = (given: ReturnType<typeof denial>): string[] =>
  nftables.insertionsFor(given).map(({ text }) => text);

describe('an insertion of nftables', () => {
  it('stands directly before the rule that decides, in its chain', () => {
    assert.deepEqual(nftables.insertionsFor(denial('inet', ['ipv4', 'ipv6'])), [
      {
        family: 'inet',
        table: 'filter',
        chain: 'INPUT',
        before: 9,
        text: `tcp dport 49152-65534 accept ${COMMENT}`,
      },
    ]);
    const atEnd = { ...denial('inet', ['ipv4', 'ipv6']), decision: decision('inet', null) };
    assert.deepEqual(
      nftables.insertionsFor(atEnd).map(({ before }) => before),
      [null],
    );
  });

  it('names the family only in a table of both that blocks one', () => {
    const text = (family: string, families: readonly Family[]): string =>
      textsOf(denial(family, families)).join();
    assert.equal(text('inet', ['ipv4']), `meta nfproto ipv4 tcp dport 49152-65534 accept ${COMMENT}`);
    assert.equal(text('inet', ['ipv6']), `meta nfproto ipv6 tcp dport 49152-65534 accept ${COMMENT}`);
    assert.equal(text('ip', ['ipv4']), `tcp dport 49152-65534 accept ${COMMENT}`);
    assert.equal(text('ip6', ['ipv6']), `tcp dport 49152-65534 accept ${COMMENT}`);
  });

  it('lets exactly the denied ports in, joined where they touch', () => {
    const text = (ports: readonly PortRange[]): string =>
      textsOf(denial('inet', ['ipv4', 'ipv6'], ports)).join();
    assert.equal(text([[50000, 50000]]), `tcp dport 50000 accept ${COMMENT}`);
    assert.equal(
      text([
        [50001, 50002],
        [49152, 50000],
      ]),
      `tcp dport 49152-50002 accept ${COMMENT}`,
    );
    assert.equal(
      text([
        [60000, 65534],
        [49152, 50000],
        [50002, 50002],
      ]),
      `tcp dport { 49152-50000, 50002, 60000-65534 } accept ${COMMENT}`,
    );
  });

  it('is a rule a range in the tables of one family, where iptables would read a set as every port', () => {
    assert.deepEqual(
      textsOf(
        denial(
          'ip',
          ['ipv4'],
          [
            [50002, 50002],
            [49152, 50000],
          ],
        ),
      ),
      [`tcp dport 49152-50000 accept ${COMMENT}`, `tcp dport 50002 accept ${COMMENT}`],
    );
  });

  it('tells its ports back as the kernel lists it, for any ports', () => {
    const ports = fc.array(
      fc
        .tuple(fc.integer({ min: 1, max: 65000 }), fc.nat(535))
        .map(([low, span]): PortRange => [low, low + span]),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(ports, (given) => {
        assert.deepEqual(textsOf(denial('inet', ['ipv6'], given)).flatMap(portsOf), mergeRanges(given));
      }),
    );
  });

  it('loads, and stands in the kernel as it was written and where it was meant', () => {
    const chains = loadInto(listing);
    const last = (chains[0]?.rules.length ?? 0) - 1;
    const before = chains[0]?.rules[last];
    const v4 = nftables.insertionsFor({
      ...denial('ip', ['ipv4'], [[1024, 2000], RANGE]),
      decision: decision('ip', last),
    });
    const v6 = nftables.insertionsFor({ ...denial('ip6', ['ipv6']), decision: decision('ip6', null) });
    const after = loadInto(listing, scriptOf(insertCommands(TOOLS, [...v4, ...v6], chains)));
    const texts = v4.map(({ text }) => text);
    assert.equal(texts.length, 2);
    assert.deepEqual(rulesOf(after, 'ip filter INPUT').slice(-3), [...texts, before?.text]);
    assert.deepEqual(
      [rulesOf(after, 'ip6 filter INPUT').at(-1)],
      v6.map(({ text }) => text),
    );
    const both =
      'table inet filter {\n\tchain INPUT {\n\t\ttype filter hook input priority 0; policy drop;\n\t}\n}\n';
    for (const families of [['ipv4'], ['ipv6'], ['ipv4', 'ipv6']] as const) {
      const only = nftables.insertionsFor({
        decision: decision('inet', null),
        ports: [[1024, 2000], [3000, 3000], RANGE],
        families,
      });
      assert.deepEqual(
        rulesOf(loadInto(both, scriptOf(insertCommands(TOOLS, only, loadInto(both)))), 'inet filter INPUT'),
        only.map(({ text }) => text),
      );
    }
  });
});

describe('rules of ours', () => {
  const chains = parseListing(listing);
  const ours = nftables.ours(chains);

  it('are found by their mark, with their ports and the rule behind them', () => {
    assert.deepEqual(
      ours.map(({ family, chain, index, ports, next }) => [family, chain, index, ports, next]),
      [
        [
          'ip',
          'INPUT',
          3,
          [
            [49152, 50000],
            [50002, 50002],
            [60000, 65534],
          ],
          'counter jump BANS',
        ],
        ['ip6', 'INPUT', 0, [RANGE], `tcp dport 50001 accept ${COMMENT}`],
        ['ip6', 'INPUT', 1, [[50001, 50001]], 'reject with icmpv6 admin-prohibited'],
      ],
    );
  });

  it('are not those that only speak of the mark', () => {
    const rule = (text: string, tool: Tool = 'nft') => ({
      tool,
      family: 'ip',
      table: 'filter',
      chain: 'INPUT',
      base: null,
      rules: [{ handle: 1, text }],
    });
    for (const text of [
      'accept comment "ftp-passive:managed2"',
      'log prefix "ftp-passive:managed"',
      'accept comment "not ftp-passive:managed"',
    ]) {
      assert.deepEqual(nftables.ours([rule(text)]), [], text);
    }
    const mine = `accept ${COMMENT}`;
    assert.equal(nftables.ours([rule(mine)]).length, 1);
    assert.deepEqual(nftables.ours([rule(mine, 'iptables')]), []);
  });

  it('are deleted by a script that leaves all others', () => {
    const live = loadInto(listing);
    const mine = nftables.ours(live);
    const after = loadInto(listing, scriptOf(deleteCommands(TOOLS, mine, live)));
    assert.deepEqual(nftables.ours(after), []);
    assert.deepEqual(
      after.map(({ rules }) => rules),
      live.map(({ rules }) => rules.filter(({ text }) => !text.includes(COMMENT))),
    );
  });
});

describe('a saved script', () => {
  const rule = {
    family: 'inet',
    table: 'filter',
    chain: 'input',
    text: `tcp dport 49152-65534 accept ${COMMENT}`,
  };
  const saved = [
    '#!/usr/sbin/nft -f',
    'flush ruleset',
    'table inet filter {',
    '\tchain input {',
    '\t\ttype filter hook input priority 0; policy drop;',
    '\t\ttcp dport 22 accept',
    '\t\treject',
    '\t}',
    '}',
    '',
  ].join('\n');

  it('takes the rule in its chain, and gives it back without a trace', () => {
    const after = nftables.placeInText(saved, { ...rule, before: 1 }, 2);
    assert.equal(after, saved.replace('\t\treject', `\t\t${rule.text}\n\t\treject`));
    assert.deepEqual(nftables.oursInText(after, '/etc/nftables.conf'), [{ ...rule, ports: [RANGE] }]);
    assert.equal(nftables.removeFromText(after, [rule]), saved);
  });

  it('knows a rule of ours again that a person has indented anew', () => {
    const after = nftables.placeInText(
      saved,
      { ...rule, text: rule.text.replace(' accept', '   accept '), before: null },
      2,
    );
    assert.equal(nftables.removeFromText(after, [rule]), saved);
    assert.ok(sameText(' tcp  dport 1\taccept ', 'tcp dport 1 accept'));
    assert.ok(!sameText('tcp dport 1 accept', 'tcp dport 12 accept'));
  });

  describe('whose chain an include brings', () => {
    let folder = '';
    before(() => {
      folder = mkdtempSync(join(tmpdir(), 'include-'));
      writeFileSync(join(folder, 'filter.nft'), saved.replace('#!/usr/sbin/nft -f\nflush ruleset\n', ''));
    });
    after(() => rmSync(folder, { recursive: true }));
    const script = (): string => `flush ruleset\ninclude "${folder}/filter.nft"`;

    for (const [where, before, at] of [
      ['before a rule', 1, 1],
      ['before the first one', 0, 0],
      ['behind all rules', null, 2],
    ] as const) {
      it(`gets a line of its own at its end that puts the rule ${where}`, () => {
        const after = nftables.placeInText(script(), { ...rule, before }, 2);
        assert.ok(after.startsWith(`${script()}\n`) && after.endsWith('\n'));
        const rules = rulesOf(loadInto(after), 'inet filter input');
        assert.equal(rules.length, 3);
        assert.equal(rules.indexOf(rule.text), at);
      });
    }

    it('counts rules that it does not show, when it writes a part of the chain itself', () => {
      const part = 'table inet filter {\n\tchain input {\n\t\ttcp dport 23 drop\n\t}\n}\n';
      const after = nftables.placeInText(`${script()}\n${part}`, { ...rule, before: 0 }, 3);
      assert.deepEqual(rulesOf(loadInto(after), 'inet filter input'), [
        rule.text,
        'tcp dport 22 accept',
        'reject',
        'tcp dport 23 drop',
      ]);
    });

    it('gives that line back again', () => {
      const text = `${script()}\n`;
      const after = nftables.placeInText(text, { ...rule, before: 1 }, 2);
      assert.deepEqual(nftables.oursInText(after, '/etc/nftables.conf'), [{ ...rule, ports: [RANGE] }]);
      assert.equal(nftables.removeFromText(after, [rule]), text);
    });
  });
});

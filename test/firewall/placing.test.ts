import assert from 'node:assert/strict';
import type { MarkedRule, PlacedRule } from '../../src/core/plan.ts';
import type { Namespaces } from '../../src/engine/ports.ts';
import { parseSaved } from '../../src/firewall/iptables/saved.ts';
import { parseListing } from '../../src/firewall/nftables/listing.ts';
import {
  deleteCommands,
  findRule,
  insertCommands,
  type Command,
  type Tools,
} from '../../src/firewall/placing.ts';
import type { Chain, SavedTables } from '../../src/firewall/ruleset.ts';
import { tools } from '../../src/system/programs.ts';
import { openReal } from '../engine/real.ts';

const TOOLS: Tools = {
  nft: '/nft',
  ipset: '/ipset',
  iptables: (family, tool, verb) => `/${family}-${tool}${verb}`,
};
const NFT = { family: 'inet', table: 'filter', chain: 'input' };
const V4 = { tool: 'iptables', family: 'ip', table: 'filter', chain: 'INPUT' } as const;
const LEGACY = { tool: 'iptables-legacy', family: 'ip6', table: 'mangle', chain: 'INPUT' } as const;
const OURS = '-p tcp -m tcp --dport 1:2 -m comment --comment "ftp-passive:managed" -j ACCEPT';

const chain = (
  place: MarkedRule | Omit<PlacedRule, 'text' | 'before'>,
  ...texts: readonly string[]
): Chain => ({
  ...place,
  tool: place.tool ?? 'nft',
  base: null,
  rules: texts.map((text, index) => ({ handle: place.tool === undefined ? 10 + index : null, text })),
});
const CHAINS = [
  chain(NFT, 'one', 'two', 'tcp dport 1  accept', 'two'),
  chain(V4, '-i lo -j ACCEPT', OURS, '-j DROP'),
  chain(LEGACY, '-j DROP'),
];

describe('the commands that put rules in', () => {
  it('are one script for all of nft, with the handles of the places', () => {
    const rules: readonly PlacedRule[] = [
      { ...NFT, text: 'a', before: 1 },
      { ...NFT, text: 'b', before: null },
      { ...NFT, text: 'c', before: 0 },
    ];
    assert.deepEqual(insertCommands(TOOLS, rules, CHAINS), [
      {
        argv: ['/nft', '-e', '-f', '-'],
        stdin:
          'insert rule inet filter input handle 11 a\nadd rule inet filter input b\ninsert rule inet filter input handle 10 c\n',
        rules,
      },
    ]);
  });

  it('are one each for iptables, by number, from the end of a chain on', () => {
    const rules: readonly PlacedRule[] = [
      { ...V4, text: OURS, before: 0 },
      { ...LEGACY, text: '-j DROP', before: null },
      { ...V4, text: '-j RETURN', before: 2 },
    ];
    assert.deepEqual(
      insertCommands(TOOLS, rules, CHAINS).map(({ argv, stdin }) => [argv.join(' '), stdin]),
      [
        ['/ip6-iptables-legacy -w 5 -t mangle -A INPUT -j DROP', undefined],
        ['/ip-iptables -w 5 -I INPUT 3 -j RETURN', undefined],
        [
          '/ip-iptables -w 5 -I INPUT 1 -p tcp -m tcp --dport 1:2 -m comment --comment ftp-passive:managed -j ACCEPT',
          undefined,
        ],
      ],
    );
  });

  it('are none for no rule', () => assert.deepEqual(insertCommands(TOOLS, [], CHAINS), []));
});

describe('the commands that take rules out', () => {
  it('find each rule by its text, and pass over what is not there', () => {
    const rules: readonly MarkedRule[] = [
      { ...NFT, text: 'tcp dport 1 accept' },
      { ...NFT, text: 'three' },
      { ...V4, text: OURS.replace('-p tcp -m tcp', '-p tcp').replaceAll('"', '') },
      { ...V4, text: '-j REJECT' },
      { ...LEGACY, chain: 'OUTPUT', text: '-j DROP' },
      { ...V4, tool: 'iptables-legacy', text: OURS },
    ];
    assert.deepEqual(deleteCommands(TOOLS, rules, CHAINS), [
      {
        argv: ['/nft', '-e', '-f', '-'],
        stdin: 'delete rule inet filter input handle 12\n',
        rules: [rules[0]],
      },
      {
        argv: '/ip-iptables -w 5 -D INPUT -p tcp --dport 1:2 -m comment --comment ftp-passive:managed -j ACCEPT'.split(
          ' ',
        ),
        rules: [rules[2]],
      },
    ]);
  });

  it('take two rules of one text, each by its own handle', () => {
    const two = { ...NFT, text: 'two' };
    assert.deepEqual(
      deleteCommands(TOOLS, [two, two], CHAINS).map(({ stdin }) => stdin),
      ['delete rule inet filter input handle 11\ndelete rule inet filter input handle 13\n'],
    );
    assert.deepEqual(
      deleteCommands(TOOLS, [two, two, two], CHAINS).map(({ rules }) => rules.length),
      [2],
    );
  });
});

describe('a rule', () => {
  it('is found by its text in its chain, by the ways of its tool', () => {
    const at = (rule: Omit<MarkedRule, 'text'>, text: string): unknown =>
      findRule({ ...rule, text }, text, CHAINS);
    assert.deepEqual(at(NFT, 'tcp dport 1 accept'), { index: 2, handle: 12 });
    assert.deepEqual(at(V4, '-j DROP'), { index: 2, handle: null });
    assert.deepEqual(at(LEGACY, '-j DROP'), { index: 0, handle: null });
    assert.equal(at({ ...V4, tool: 'iptables-legacy' }, '-j DROP'), null);
    assert.equal(at({ ...NFT, family: 'ip' }, 'one'), null);
    assert.equal(at(NFT, 'none'), null);
  });
});

describe('the commands in the real kernel', function () {
  this.timeout(20_000);
  let live: Namespaces;
  before(async () => (live = await openReal()));
  after(() => live.close());

  const run = async (argv: readonly string[], stdin = ''): Promise<string> => {
    const result = await live.run(argv, { stdin });
    assert.equal(result.code, 0, `${argv.join(' ')}: ${result.stderr}`);
    return result.stdout;
  };
  const all = async (commands: readonly Command[]): Promise<void> => {
    for (const { argv, stdin } of commands) await run(argv, stdin);
  };
  const FLAVOURS: readonly Pick<SavedTables, 'family' | 'tool'>[] = [
    { family: 'ip', tool: 'iptables' },
    { family: 'ip6', tool: 'iptables' },
    { family: 'ip', tool: 'iptables-legacy' },
    { family: 'ip6', tool: 'iptables-legacy' },
  ];
  for (const { family, tool } of FLAVOURS) {
    it(`put rules where they are meant, and take them out again: ${tool} ${family}`, async () => {
      const table = '*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\n-A INPUT -j DROP\nCOMMIT\n';
      const other = '*mangle\n:INPUT ACCEPT [0:0]\n-A INPUT -p tcp -j DROP\nCOMMIT\n';
      await run([tools.iptables(family, tool, '-restore')], table + other);
      const chains = async (): Promise<readonly Chain[]> =>
        parseSaved({ family, tool, text: await run([tools.iptables(family, tool, '-save')]) });
      const before = await chains();
      const place = { family, tool, chain: 'INPUT' };
      const rules: readonly PlacedRule[] = [
        { ...place, table: 'filter', text: OURS, before: 1 },
        { ...place, table: 'filter', text: OURS.replace('1:2', '7'), before: null },
        { ...place, table: 'mangle', text: OURS, before: 0 },
      ];
      await all(insertCommands(tools, rules, before));
      const texts = (await chains())
        .filter((each) => each.chain === 'INPUT')
        .map((each) => [each.table, ...each.rules.map(({ text }) => text)]);
      assert.deepEqual(texts.toSorted(), [
        ['filter', '-i lo -j ACCEPT', OURS, '-j DROP', OURS.replace('1:2', '7')],
        ['mangle', OURS, '-p tcp -j DROP'],
      ]);
      await all(deleteCommands(tools, rules, await chains()));
      assert.deepEqual(await chains(), before);
    });
  }

  it('put rules where they are meant, and take them out again: nft', async () => {
    const script =
      'table inet filter {\nchain input {\ntype filter hook input priority 0;\ntcp dport 22 accept\ndrop\n}\n}\n';
    await run([tools.nft, '-f', '-'], script);
    const chains = async (): Promise<Chain[]> =>
      parseListing(await run([tools.nft, '-a', '-s', 'list', 'ruleset'])).filter(
        ({ family }) => family === 'inet',
      );
    const before = await chains();
    const texts = ['tcp dport 1-2 accept comment "ftp-passive:managed"', 'tcp dport 7 accept'];
    const rules = [
      { ...NFT, text: texts[0] ?? '', before: 1 },
      { ...NFT, text: texts[1] ?? '', before: null },
    ];
    await all(insertCommands(tools, rules, before));
    assert.deepEqual(
      (await chains()).flatMap((each) => each.rules.map(({ text }) => text)),
      ['tcp dport 22 accept', texts[0], 'drop', texts[1]],
    );
    await all(deleteCommands(tools, rules, await chains()));
    assert.deepEqual(await chains(), before);
  });
});

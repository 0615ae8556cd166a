import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Problem } from '../../src/core/problem.ts';
import type { Decision, Reaches } from '../../src/core/reach.ts';
import { readRules } from '../../src/engine/rules.ts';
import type { CommandResult, Files } from '../../src/engine/ports.ts';
import { tools } from '../../src/system/programs.ts';
import { exit } from '../runs/watched.ts';
import { samePlace, type Chain, type Ruleset } from '../../src/firewall/ruleset.ts';
import type { Twin } from '../../src/engine/twin.ts';
import { LAYOUTS, RANGE, type Layout } from './layouts.ts';
import { randomRules } from './random-rules.ts';
import { LINKS, openTruth, type Truth } from './truth.ts';
import { openRealTwin, portsOf, written } from './twins.ts';

const FAMILIES = ['ipv4', 'ipv6'] as const;

describe('the twin', function () {
  this.timeout(30_000);
  let truth: Truth;
  before(async () => (truth = await openTruth()));
  after(() => truth.close());

  const opened = new Set<Twin>();
  /** The rules that the truth has now, as the product reads those of a server. */
  const listed = async (): Promise<Ruleset> => {
    const run = (argv: readonly string[]): Promise<CommandResult> =>
      Promise.resolve(exit(argv, 0, truth.onServer(...argv)));
    const none = { read: () => Promise.resolve(null) } as unknown as Files;
    return (await readRules({ run, tools, files: none })).ruleset;
  };
  const open = async (ruleset: string | Ruleset): Promise<Twin> => {
    const twin = await openRealTwin(ruleset, LINKS);
    opened.add(twin);
    return twin;
  };
  afterEach(async () => {
    await Promise.all([...opened].map((twin) => twin.close()));
    opened.clear();
  });

  type Ports = Readonly<Record<(typeof FAMILIES)[number], string>>;
  /**
   * What real connections tell. They are made again where that is not what is expected: a busy machine loses packets,
   * and the kernel may still know a connection of the ruleset before by its two ports.
   */
  const reallyOpen = async (expected: Ports, from?: string): Promise<Ports> => {
    const told = async (): Promise<Ports> => {
      const { ipv4, ipv6 } = await truth.open(RANGE, from);
      const text = (ports: readonly number[]): string => written(ports.map((port) => [port, port]));
      return { ipv4: text(ipv4), ipv6: text(ipv6) };
    };
    const first = await told();
    return FAMILIES.every((family) => first[family] === expected[family]) ? first : told();
  };

  for (const [name, layout] of Object.entries(LAYOUTS)) {
    it(`tells of each port what real connections tell: ${name}`, async () => {
      truth.load(layout.rules);
      const expected =
        typeof layout.open === 'string' ? { ipv4: layout.open, ipv6: layout.open } : layout.open;
      assert.deepEqual(await reallyOpen(expected, layout.from), expected, 'in truth');
      // A script that is loaded at boot, and the listing of what it has made.
      for (const rules of [layout.rules, await listed()]) {
        const twin = await open(rules);
        const reaches = await twin.ask(RANGE, FAMILIES, layout.from);
        for (const family of FAMILIES) {
          const reach = reaches[family];
          assert.ok(reach);
          assert.equal(reach.method, 'twin');
          assert.equal(written(reach.open), expected[family], `${family} in the twin`);
          assert.deepEqual(portsOf(reach), portsIn(RANGE));
        }
        assertDecisions(twin, layout, reaches);
      }
    });
  }

  it('tells of each port what real connections tell, for any small ruleset', async () => {
    const runs = { numRuns: 15, endOnFailure: true };
    const property = fc.asyncProperty(randomRules(RANGE), fc.boolean(), async (ruleset, isListed) => {
      truth.load(ruleset);
      const twin = await openRealTwin(isListed ? await listed() : ruleset, LINKS);
      try {
        const reaches = await twin.ask(RANGE, FAMILIES);
        const open = (family: (typeof FAMILIES)[number]): string => written(reaches[family]?.open ?? []);
        const real = await reallyOpen({ ipv4: open('ipv4'), ipv6: open('ipv6') });
        for (const family of FAMILIES) {
          const reach = reaches[family];
          assert.ok(reach);
          assert.equal(written(reach.open), real[family], family);
          assert.deepEqual(portsOf(reach), portsIn(RANGE));
          for (const blocked of reach.blocked)
            assert.ok(blocked.decision, `${family} ${blocked.range.join('-')}`);
        }
      } finally {
        await twin.close();
      }
    });
    await fc.assert(property, runs);
  }).timeout(60_000);

  it('tells of hundreds of pieces at once, before the two ends know each other', async () => {
    const even = (parity: number): string => `
table inet filter {
  chain input {
    type filter hook input priority filter; policy accept;
    tcp dport & 1 == ${parity} drop
  }
}`;
    const range = [40_000, 40_299] as const;
    const reaches = await (await open(even(1))).ask(range, FAMILIES);
    for (const family of FAMILIES) {
      const reach = reaches[family];
      assert.ok(reach);
      assert.deepEqual(
        reach.open.map(([port]) => port),
        portsIn(range).filter((port) => port % 2 === 0),
      );
      assert.ok(reach.blocked.every(({ how, decision }) => how === 'drop' && decision !== null));
      assert.deepEqual(portsOf(reach), portsIn(range));
    }
  });

  it('answers for the family that is asked, and quickly', async () => {
    const twin = await open(LAYOUTS['the table inet filter with input and policy drop']?.rules ?? '');
    const { ipv4, ipv6 } = await twin.ask([49_152, 65_534], ['ipv4']);
    assert.equal(ipv6, undefined);
    assert.deepEqual(ipv4?.open, [
      [50_000, 50_010],
      [50_040, 50_050],
    ]);
    assert.ok(ipv4.ms < 5000);
  });

  for (const isListed of [false, true]) {
    it(`can be changed, and answers by what was changed: ${isListed ? 'a listing' : 'a script'}`, async () => {
      const script = LAYOUTS['the table inet filter with input and policy drop']?.rules ?? '';
      truth.load(script);
      const twin = await open(isListed ? await listed() : script);
      const openNow = async (): Promise<string> =>
        written((await twin.ask(RANGE, ['ipv4'])).ipv4?.open ?? []);
      assert.equal(await openNow(), '50000-50010,50040-50050');
      const place = { family: 'inet', table: 'filter', chain: 'input' };
      const text = 'tcp dport 50025 accept';
      const last = (twin.chains[0]?.rules.length ?? 0) - 1;
      await twin.place([{ ...place, text, before: null }]);
      assert.equal(await openNow(), '50000-50010,50025,50040-50050');
      await twin.place([{ ...place, text: 'tcp dport 50030 drop', before: last }]);
      await twin.remove([
        { ...place, text: 'tcp dport 50040-50050 accept', index: last, ports: [], next: null },
      ]);
      assert.equal(await openNow(), '50000-50010,50025');
      const { ipv4 } = await twin.ask([50_026, 50_031], ['ipv4']);
      assert.deepEqual(
        ipv4?.blocked.map(({ range, decision }) => [range, decision?.index]),
        [
          [[50_026, 50_029], null],
          [[50_030, 50_030], null],
          [[50_031, 50_031], null],
        ],
      );
    });
  }

  it('refuses rules that do not load, in the words of nft, and stays as it was', async () => {
    const refused = (error: unknown): boolean => {
      assert.ok(error instanceof Problem);
      assert.equal(error.code, 'command-failed');
      assert.match(error.message, /^The rules do not load: .*Error: [^\n]+$/);
      return true;
    };
    await assert.rejects(open('table inet filter {'), refused);
    await assert.rejects(
      open('table inet f { chain c { type filter hook input priority 0; iif "eth9" drop\n}\n}'),
      refused,
    );
    const twin = await open('');
    await assert.rejects(
      twin.place([{ family: 'inet', table: 'nowhere', chain: 'input', text: 'accept', before: null }]),
      (error: unknown) =>
        error instanceof Problem && /^The rule cannot be put in: .*Error: /.test(error.message),
    );
    assert.deepEqual((await twin.ask([50_000, 50_001], ['ipv4'])).ipv4?.open, [[50_000, 50_001]]);
  });
});

function portsIn([low, high]: readonly [number, number]): number[] {
  return Array.from({ length: high - low + 1 }, (_, index) => low + index);
}

/** Each decision has its rule's text, and the place at which the twin has that text. */
function assertDecisions({ chains }: Twin, layout: Layout, reaches: Reaches): void {
  for (const [port, [how, rule, only]] of Object.entries(layout.decides ?? {})) {
    for (const family of only === undefined ? FAMILIES : [only]) {
      const blocked = reaches[family]?.blocked.find(
        ({ range }) => range[0] <= Number(port) && Number(port) <= range[1],
      );
      assert.ok(blocked, `${family} ${port}`);
      assert.deepEqual([blocked.how, blocked.rule], [how, rule], `${family} ${port}`);
      assert.ok(blocked.decision);
      assert.equal(blocked.path.at(-1), rule);
      const { index, text } = blocked.decision;
      if (index === null) assert.match(text, /^policy /);
      else assert.equal(ruleAt(chains, blocked.decision), text);
    }
  }
}

function ruleAt(chains: readonly Chain[], decision: Decision): string | undefined {
  return chains.find((chain) => samePlace(chain, decision))?.rules[decision.index ?? -1]?.text;
}

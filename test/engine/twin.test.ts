import assert from 'node:assert/strict';
import type { Decision, Family, Reach } from '../../src/core/reach.ts';
import type { Twin } from '../../src/engine/twin.ts';
import { LAYOUTS, RANGE, type Layout } from './layouts.ts';
import { LINKS, openTruth, type Truth } from './truth.ts';
import { openRealTwin, portsOf, written } from './twins.ts';

const FAMILIES = ['ipv4', 'ipv6'] as const;

describe('the twin', function () {
  this.timeout(30_000);
  let truth: Truth;
  before(async () => (truth = await openTruth()));
  after(() => truth.close());

  for (const [name, layout] of Object.entries(LAYOUTS)) {
    it(`tells of each port what real connections tell: ${name}`, async () => {
      truth.load(layout.rules);
      const twin = await openRealTwin(layout.rules, LINKS);
      try {
        const [reaches, real] = await Promise.all([
          twin.ask(RANGE, FAMILIES, layout.from),
          truth.open(RANGE, layout.from),
        ]);
        for (const family of FAMILIES) {
          const reach = reaches[family];
          assert.ok(reach);
          assert.equal(reach.method, 'twin');
          const open = typeof layout.open === 'string' ? layout.open : layout.open[family];
          assert.equal(written(real[family].map((port) => [port, port])), open, `${family} in truth`);
          assert.equal(written(reach.open), open, `${family} in the twin`);
          assert.deepEqual(portsOf(reach), portsIn(RANGE));
        }
        console.log(reaches.ipv4?.ms, reaches.ipv6?.ms);
        await assertDecisions(twin, layout, reaches);
      } finally {
        await twin.close();
      }
    });
  }
});

function portsIn([low, high]: readonly [number, number]): number[] {
  return Array.from({ length: high - low + 1 }, (_, index) => low + index);
}

/** Each decision has its rule's text, and the handle under which the twin lists that text. */
async function assertDecisions(
  twin: Twin,
  layout: Layout,
  reaches: Partial<Record<Family, Reach>>,
): Promise<void> {
  const listing = await twin.listing();
  for (const [port, [how, rule, only]] of Object.entries(layout.decides ?? {})) {
    for (const family of only === undefined ? FAMILIES : [only]) {
      const blocked = reaches[family]?.blocked.find(
        ({ range }) => range[0] <= Number(port) && Number(port) <= range[1],
      );
      assert.ok(blocked, `${family} ${port}`);
      assert.deepEqual([blocked.how, blocked.rule], [how, rule], `${family} ${port}`);
      assert.ok(blocked.decision);
      assert.equal(blocked.path.at(-1), rule);
      const { handle, text } = blocked.decision;
      if (handle === null) assert.match(text, /^policy /);
      else assert.equal(ruleAt(listing, blocked.decision), text);
    }
  }
}

/** The text of the rule that has this handle in its table; a handle is only good in there. */
function ruleAt(listing: string, { family, table, handle }: Decision): string | undefined {
  const lines = listing.split(/^(?=table )/m).find((each) => each.startsWith(`table ${family} ${table} `));
  return new RegExp(`^\\t\\t(.*) # handle ${handle ?? 0}$`, 'm').exec(lines ?? '')?.[1];
}

import assert from 'node:assert/strict';
import { formatRange, type PortRange } from '../../src/core/range.ts';
import { json } from '../job/scene.ts';
import { type Entry, familyOf, STRANGER } from './entry.ts';
import { TABLE } from './rulesets/index.ts';
import type { Scene, Truth } from './scene.ts';
import { work, type Work } from './workers.ts';

const EVERY: PortRange = [1, 65_535];
const RANGE: PortRange = [49_152, 65_534];

describe('reach on the table of rulesets', function () {
  this.timeout(120_000);
  let compared: Work<readonly string[]>;
  before(async () => (compared = await work(TABLE, compare)));
  after(() => compared.close());

  TABLE.forEach(({ name }, at) => {
    it(`says what real connections say: ${name}`, async () => {
      assert.deepEqual(await compared.result(at), []);
    });
  });
});

/** Every port of which the product says something else than a connection to it. */
async function compare(scene: Scene, entry: Entry): Promise<readonly string[]> {
  const truth = await scene.truth();
  const wrong = [
    ...(await disagreements(scene, truth, RANGE, null)),
    ...(await disagreements(scene, truth, EVERY, null)),
  ];
  for (const { address } of entry.known ?? []) {
    wrong.push(...(await disagreements(scene, truth, EVERY, address)));
  }
  return wrong;
}

/** @param from the address that is asked for; null: the product takes one that no rule knows */
async function disagreements(
  scene: Scene,
  truth: Truth,
  range: PortRange,
  from: string | null,
): Promise<string[]> {
  const families = from === null ? scene.families : [familyOf(from)];
  const asked = [formatRange(range), ...(from === null ? [] : ['--from', from])];
  const { document } = await json(scene.server, 'reach', ...asked);
  return families.flatMap((family) => {
    const reach = document[family];
    const client = from ?? STRANGER[family];
    if (reach?.method !== 'twin') return [`${family}: ${reach?.reason ?? 'no answer'}`];
    return scene.ports
      .filter((port) => port >= range[0] && port <= range[1])
      .flatMap((port) => {
        const said = reach.open.some(([low, high]) => port >= low && port <= high);
        const met = truth[client]?.includes(port) ?? false;
        return said === met ? [] : [`port ${port} from ${client}: reach says ${said ? 'open' : 'blocked'}`];
      });
  });
}

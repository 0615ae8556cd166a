import { formatRange, type PortRange } from '../../src/core/range.ts';
import { json } from '../job/scene.ts';
import { type Entry, familyOf, STRANGER } from './entry.ts';
import type { Scene, Truth } from './scene.ts';

const EVERY: PortRange = [1, 65_535];
const RANGE: PortRange = [49_152, 65_534];

/**
 * Every port of which the product says something else than a connection to it.
 * @param full whether the range is asked for by itself too
 */
export async function disagreements(
  scene: Scene,
  entry: Entry,
  truth: Truth,
  full: boolean,
): Promise<readonly string[]> {
  const wrong = [
    ...(full ? await differences(scene, truth, RANGE, null) : []),
    ...(await differences(scene, truth, EVERY, null)),
  ];
  for (const { address } of entry.known ?? []) {
    wrong.push(...(await differences(scene, truth, EVERY, address)));
  }
  return wrong;
}

/** @param from the address that is asked for; null: the product takes one that no rule knows */
async function differences(
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

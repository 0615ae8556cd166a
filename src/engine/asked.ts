import type { PortRange } from '../core/range.ts';
import type { Family, Reaches } from '../core/reach.ts';
import { readRules } from './rules.ts';
import { askTwin, type EnginePorts } from './survey.ts';

/** A question about the firewall as it is now. `from`: the client's address; null for one that no rule names. */
export interface ReachQuestion {
  readonly ports: PortRange;
  readonly from: string | null;
}

/** The families that a question is about: with an address, the address's own. */
export function familiesOf({ from }: Pick<ReachQuestion, 'from'>): readonly Family[] {
  if (from === null) return ['ipv4', 'ipv6'];
  return [from.includes(':') ? 'ipv6' : 'ipv4'];
}

/** What the firewall does with these ports, by a copy of its rules; of one port the way too when it is open. */
export async function askReach(
  engine: EnginePorts,
  { ports, from }: ReachQuestion,
  families: readonly Family[] = familiesOf({ from }),
): Promise<Reaches> {
  const both = await askTwin(engine, await readRules(engine), (twin) =>
    twin.ask(ports, families, from ?? undefined, ports[0] === ports[1]),
  );
  return Object.fromEntries(families.map((family) => [family, both[family]]));
}

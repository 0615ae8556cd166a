import type { PortRange } from '../core/range.ts';
import type { Family, Reaches } from '../core/reach.ts';
import { bothUnknown, whyUnknown } from './answers.ts';
import { startReading } from './rules.ts';
import type { EnginePorts } from './survey.ts';
import { openAskedTwin, type AskedTwin } from './twin.ts';

/** What it takes to read the rules in force and to ask about them. */
export type RulesPorts = Pick<EnginePorts, 'run' | 'files' | 'tools' | 'twin'>;

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
  engine: RulesPorts,
  { ports, from }: ReachQuestion,
  families: readonly Family[] = familiesOf({ from }),
): Promise<Reaches> {
  const both = await askTwin(engine, from, (twin) =>
    twin.ask(ports, families, from ?? undefined, ports[0] === ports[1]),
  );
  return Object.fromEntries(families.map((family) => [family, both[family]]));
}

/**
 * Asks a twin of the rules in force now; when none can be made, says why instead of guessing.
 * @param from the address from which it is to be asked; null: none but strangers'
 */
export async function askTwin(
  ports: RulesPorts,
  from: string | null,
  question: (twin: AskedTwin) => Promise<Reaches>,
): Promise<Reaches> {
  // The twin's place is made while they are read.
  const reading = startReading(ports);
  try {
    const twin = await openAskedTwin(ports.twin, reading, from === null ? [] : [from]);
    try {
      return await question(twin);
    } finally {
      await twin.close();
    }
  } catch (error) {
    return bothUnknown(await whyUnknown(reading, error));
  }
}

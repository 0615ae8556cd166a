import { coversRange, subtractRanges, type PortRange } from '../../core/range.ts';
import type { Family } from '../../core/reach.ts';

export const EVERY_PORT: PortRange = [1, 65535];
export const BOTH: readonly Family[] = ['ipv4', 'ipv6'];

/** What decides every new TCP connection from anywhere to some ports. */
export interface Verdict {
  readonly does: 'accept' | 'deny';
  readonly families: readonly Family[];
  readonly ports: readonly PortRange[];
  /** Whether it stands before everything that the zone lets in. */
  readonly early: boolean;
  readonly text: string;
}

/** Whether verdicts in this order let the whole range in, in all of these families. */
export function letsIn(verdicts: readonly Verdict[], range: PortRange, families: readonly Family[]): boolean {
  return families.every((family) => coversRange(openPorts(verdicts, family), range));
}

function openPorts(verdicts: readonly Verdict[], family: Family): PortRange[] {
  const decided: PortRange[] = [];
  return verdicts.flatMap(({ does, families, ports }) => {
    if (!families.includes(family)) return [];
    const fresh = ports.flatMap((each) => subtractRanges(each, decided));
    decided.push(...ports);
    return does === 'accept' ? fresh : [];
  });
}

/**
 * A verdict against ports of the range that somebody made on purpose: it names them, or it stands before all that the
 * zone lets in. Null when there is none.
 */
export function deniesOnPurpose(verdicts: readonly Verdict[], range: PortRange): Verdict | null {
  const earlier: Verdict[] = [];
  for (const verdict of verdicts) {
    const all = verdict.ports.some((each) => coversRange([each], EVERY_PORT));
    if (verdict.does === 'deny' && (verdict.early || !all) && meets(verdict, range, earlier)) return verdict;
    earlier.push(verdict);
  }
  return null;
}

function meets(verdict: Verdict, range: PortRange, earlier: readonly Verdict[]): boolean {
  return verdict.families.some((family) => {
    const decided = earlier.filter(({ families }) => families.includes(family)).flatMap(({ ports }) => ports);
    const left = subtractRanges(range, decided);
    return left.some(([low, high]) => verdict.ports.some((each) => each[0] <= high && low <= each[1]));
  });
}

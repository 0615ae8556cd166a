import type { PlacedRule } from '../core/plan.ts';
import { Problem } from '../core/problem.ts';
import { coversRange, mergeRanges, type PortRange } from '../core/range.ts';
import type { Blocked, Decision, Family, Reaches } from '../core/reach.ts';
import type { Chain, Denial, Firewall, OurRule } from '../firewall/firewall.ts';
import { deaf } from './survey.ts';
import type { Twin } from './twin.ts';

/** A chain that lets the packet on can lead to another that stops it; more of them than this is a maze. */
const MOST_CHAINS = 8;

/** What must be added so that `range` is open in `families`, found by asking the twin again after each rule. */
export async function findPlacement(
  firewall: Firewall,
  twin: Twin,
  range: PortRange,
  families: readonly Family[],
): Promise<PlacedRule[]> {
  const found: PlacedRule[] = [];
  for (let turn = 0; turn < MOST_CHAINS; turn++) {
    const reaches = await twin.ask(range, families);
    const denials = denialsOf(reaches);
    if (denials.length === 0) return found;
    const insertions = denials.flatMap((denial) => firewall.insertionsFor(denial));
    await twin.load(firewall.insertScript(insertions));
    found.push(...insertions);
  }
  throw new Problem(
    'unsupported',
    `More than ${MOST_CHAINS} chains decide against the range; it cannot be opened safely.`,
  );
}

/** Groups what is blocked by the place that decides. @throws Problem `unsupported` where no rule is known to decide */
export function denialsOf(reaches: Reaches): Denial[] {
  const groups = new Map<string, { decision: Decision; blocked: Map<Family, Blocked[]> }>();
  for (const [family, reach] of Object.entries(reaches) as [Family, Reaches[Family]][]) {
    if (reach?.method === 'unknown')
      throw new Problem('unsupported', reach.reason ?? 'The firewall cannot be asked.');
    if (deaf(family, reaches)) continue;
    for (const each of reach?.blocked ?? []) {
      if (each.decision === null) {
        const ports = `${each.range[0]}-${each.range[1]}`;
        throw new Problem(
          'unsupported',
          `Ports ${ports} are stopped by something that no rule of nftables shows.`,
        );
      }
      const { decision } = each;
      const key = [decision.family, decision.table, decision.chain, decision.handle].join(' ');
      const group = groups.get(key) ?? { decision, blocked: new Map<Family, Blocked[]>() };
      group.blocked.set(family, [...(group.blocked.get(family) ?? []), each]);
      groups.set(key, group);
    }
  }
  return [...groups.values()].flatMap(({ decision, blocked }) => splitByPorts(decision, blocked));
}

/** Both families in one rule where they need the same ports, else a rule each. */
function splitByPorts(decision: Decision, blocked: ReadonlyMap<Family, readonly Blocked[]>): Denial[] {
  const each = [...blocked].map(([family, list]) => ({
    family,
    ports: mergeRanges(list.map(({ range }) => range)),
  }));
  const [first, second] = each;
  if (first && second && JSON.stringify(first.ports) === JSON.stringify(second.ports)) {
    return [{ decision, ports: first.ports, families: [first.family, second.family] }];
  }
  return each.map(({ family, ports }) => ({ decision, ports, families: [family] }));
}

/** Rules of ours that open a port outside `range`: left over from an earlier range. */
export function surplus(ours: readonly OurRule[], range: PortRange): OurRule[] {
  return ours.filter((rule) => !rule.ports.every((ports) => coversRange([range], ports)));
}

/**
 * Turns handles of one listing into those of another with the same rules: a copy counts its handles afresh.
 * @throws Problem `change-conflict` when the two listings do not have the same rules
 */
export function translateHandles(
  from: readonly Chain[],
  to: readonly Chain[],
): (place: Pick<Chain, 'family' | 'table' | 'chain'>, handle: number) => number {
  return ({ family, table, chain }, handle) => {
    const same = (each: Chain): boolean =>
      each.family === family && each.table === table && each.chain === chain;
    const source = from.find(same);
    const target = to.find(same);
    const index = source?.rules.findIndex((rule) => rule.handle === handle) ?? -1;
    const found = target?.rules[index];
    if (found === undefined || source?.rules.length !== target?.rules.length) {
      throw new Problem(
        'change-conflict',
        `The rules of ${family} ${table} ${chain} changed while they were read.`,
      );
    }
    return found.handle;
  };
}

/** Where an insertion goes in its chain, counted from 0 (null: at the end), and how many rules the chain has. */
export function positionIn(
  chains: readonly Chain[],
  place: PlacedRule,
): { index: number | null; count: number } {
  const { family, table, chain, before } = place;
  const found = chains.find((each) => each.family === family && each.table === table && each.chain === chain);
  const index = found?.rules.findIndex((rule) => rule.handle === before) ?? -1;
  return { index: index < 0 ? null : index, count: found?.rules.length ?? 0 };
}

import { phrase } from '../core/phrase.ts';
import type { PlacedRule } from '../core/plan.ts';
import { Problem } from '../core/problem.ts';
import { coversRange, formatRange, mergeRanges, type PortRange } from '../core/range.ts';
import type { Blocked, Decision, Family, Reaches } from '../core/reach.ts';
import { overlayAt } from '../firewall/charge.ts';
import type {
  Denial,
  FirewallFacts,
  Keeper,
  Opening,
  OurRule,
  Question,
  Rulebook,
} from '../firewall/firewall.ts';
import { hookOf, isBan, isExplicit } from './explicit.ts';
import { portList } from './gate.ts';
import { deaf } from './survey.ts';
import type { Twin } from './twin.ts';

/** A chain that lets the packet on can lead to another that stops it; more of them than this is a maze. */
const MOST_CHAINS = 8;

/** Chains that see answers, which a rule about ports of the server cannot let out without letting out more. */
const ON_THE_WAY_OUT = ['output', 'postrouting', 'egress'];

/** Who may change which rules. `overridden`: an administrator's rule, as it is shown, that need not be respected. */
export interface Realm {
  readonly keeper: Keeper | null;
  readonly rulebooks: readonly Rulebook[];
  readonly facts: FirewallFacts;
  readonly overridden: string | null;
  /** What else rules of ours may open; nothing when left out. */
  readonly keep?: readonly PortRange[];
}

/** What opens the range: plain rules, and what the program in charge does (null: nothing). */
export interface Placement {
  readonly rules: readonly PlacedRule[];
  readonly opening: Opening | null;
}

/**
 * What must be added so that the range is open, found by asking the twin again after each rule. The twin is changed.
 * @throws Problem `unsupported` that names the rule which must not or cannot be passed
 */
export async function findPlacement(realm: Realm, twin: Twin, question: Question): Promise<Placement> {
  const rules: PlacedRule[] = [];
  let opening: Opening | null = null;
  for (let turn = 0; turn < MOST_CHAINS; turn++) {
    const reaches = await twin.ask(question.range, question.families);
    const denials = denialsOf(reaches, realm);
    if (denials.length === 0) return { rules, opening };
    const { keeper, facts } = realm;
    const kept = denials.filter(({ decision }) => keeper?.owns(decision, facts) === true);
    const plain = denials
      .filter((denial) => !kept.includes(denial))
      .flatMap((denial) => insertions(realm, denial));
    if (kept[0] !== undefined && keeper !== null) {
      if (opening !== null) throw stillStopped(keeper, kept[0]);
      opening = keeper.open(facts, question, true);
    }
    await twin.place([...(kept.length > 0 ? (opening?.trial ?? []) : []), ...plain]);
    rules.push(...plain);
  }
  throw new Problem(
    'unsupported',
    phrase`More than ${MOST_CHAINS} chains decide against the range; it cannot be opened safely.`,
  );
}

function insertions({ rulebooks }: Realm, denial: Denial): PlacedRule[] {
  const rulebook = rulebooks.find((each) => each.keeps({ ...denial.decision, base: null, rules: [] }));
  if (rulebook !== undefined) return rulebook.insertionsFor(denial);
  throw new Problem(
    'unsupported',
    phrase`No tool is known here that could change ${where(denial.decision)}.`,
  );
}

function stillStopped(keeper: Keeper, { decision, ports }: Denial): Problem {
  const rule = `${where(decision)}: ${decision.text}`;
  const range = ports.map((each) => formatRange(each)).join(', ');
  return new Problem(
    'unsupported',
    phrase`${keeper.name} can be told to let the range in, and ${range} would still be stopped by the rule ${rule}.`,
  );
}

/**
 * Groups what is blocked by the place that decides.
 * @throws Problem `unsupported` where no rule is known to decide, or one that is not ours to pass
 */
export function denialsOf(reaches: Reaches, realm: Pick<Realm, 'facts' | 'overridden'>): Denial[] {
  const groups = new Map<string, { decision: Decision; blocked: Map<Family, Blocked[]> }>();
  for (const [family, reach] of Object.entries(reaches) as [Family, Reaches[Family]][]) {
    if (reach?.method === 'unknown')
      throw new Problem('unsupported', reach.reason ?? phrase`The firewall cannot be asked.`);
    if (deaf(family, reaches)) continue;
    for (const each of reach?.blocked ?? []) {
      const decision = passable(each, realm);
      const key = [decision.tool, where(decision), decision.index].join(' ');
      const group = groups.get(key) ?? { decision, blocked: new Map<Family, Blocked[]>() };
      group.blocked.set(family, [...(group.blocked.get(family) ?? []), each]);
      groups.set(key, group);
    }
  }
  return [...groups.values()].flatMap(({ decision, blocked }) => splitByPorts(decision, blocked, reaches));
}

/** The decision, when a rule of ours may go before it. */
function passable(blocked: Blocked, { facts, overridden }: Pick<Realm, 'facts' | 'overridden'>): Decision {
  const { decision, rule } = blocked;
  const ports = portList([blocked.range]);
  if (decision === null) {
    throw new Problem('unsupported', phrase`Ports ${ports} are stopped by something that no rule shows.`);
  }
  const overlay = overlayAt(decision, facts);
  if (overlay !== null) {
    throw new Problem(
      'unsupported',
      phrase`${overlay.name} stops ports ${ports} with the rule ${rule ?? ''}. ${overlay.advice}`,
    );
  }
  if (ON_THE_WAY_OUT.includes(hookOf(blocked, facts.chains) ?? '')) {
    throw new Problem(
      'unsupported',
      phrase`The server's answers from ports ${ports} are stopped on their way out by the rule ${rule ?? ''}. Let out what belongs to a connection that was let in (ct state established), then try again.`,
    );
  }
  if (isBan(blocked) && rule !== overridden) {
    throw new Problem(
      'unsupported',
      phrase`Ports ${ports} are kept from strangers by where they come from, by the rule ${rule ?? ''}. Let your clients' networks in there, or pass it for everybody by its name: --override '${rule ?? ''}'.`,
    );
  }
  if (isExplicit(blocked) && rule !== overridden) {
    throw new Problem(
      'unsupported',
      phrase`Ports ${ports} are forbidden on purpose by the rule ${rule ?? ''}. Remove it, choose another range, or name it: --override '${rule ?? ''}'.`,
    );
  }
  return decision;
}

function where({ family, table, chain }: Decision): string {
  return `${family} ${table} ${chain}`;
}

/** Both families in one rule where they need the same ports, else a rule each. */
function splitByPorts(
  decision: Decision,
  blocked: ReadonlyMap<Family, readonly Blocked[]>,
  reaches: Reaches,
): Denial[] {
  const each = [...blocked].map(([family, list]) => {
    const ports = list.map(({ range }) => range);
    return { family, ports: withoutGaps(ports, reaches[family]?.open ?? []) };
  });
  const [first, second] = each;
  if (first && second && JSON.stringify(first.ports) === JSON.stringify(second.ports)) {
    return [{ decision, ports: first.ports, families: [first.family, second.family] }];
  }
  return each.map(({ family, ports }) => ({ decision, ports, families: [family] }));
}

/** Ports that are open already need no rule, but a rule that goes round them is hard to read. */
function withoutGaps(ports: readonly PortRange[], open: readonly PortRange[]): PortRange[] {
  const low = Math.min(...ports.map(([first]) => first));
  const high = Math.max(...ports.map(([, last]) => last));
  const between = open.filter(([first, last]) => first > low && last < high);
  return mergeRanges([...ports, ...between]);
}

/** Rules of ours that open a port outside `range` and what is kept: left over from an earlier range. */
export function surplus<T extends Pick<OurRule, 'ports'>>(
  ours: readonly T[],
  range: PortRange,
  keep: readonly PortRange[] = [],
): T[] {
  return ours.filter((rule) => !rule.ports.every((ports) => isWanted(ports, range, keep)));
}

/** Whether these ports belong to the range, or to one thing that is kept. */
export function isWanted(ports: PortRange, range: PortRange, keep: readonly PortRange[] = []): boolean {
  return [range, ...keep].some((each) => coversRange([each], ports));
}

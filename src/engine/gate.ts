import { phrase } from '../core/phrase.ts';
import { Problem } from '../core/problem.ts';
import { coversRange, formatRange, mergeRanges, subtractRanges, type PortRange } from '../core/range.ts';
import { familyName, type Blocked, type Family, type Reach, type Reaches } from '../core/reach.ts';
import type { Question } from '../firewall/firewall.ts';
import { isExplicit } from './explicit.ts';
import type { Twin } from './twin.ts';

const ALL_PORTS: PortRange = [1, 65535];
const BOTH: readonly Family[] = ['ipv4', 'ipv6'];
/** Of very many named addresses these are asked, spread over all. */
const MOST_SOURCES = 32;
/** Who gets as far as FTP's own port is not banned; a zone for an office, say, has rules of its own. */
const CONTROL: PortRange = [21, 21];

/** What a ruleset answers to everybody: to a stranger for every port, to those whom rules name for the range. */
export interface Census {
  readonly strangers: Reaches;
  readonly named: ReadonlyMap<string, Reach>;
}

export async function takeCensus(twin: Twin, range: PortRange): Promise<Census> {
  const strangers = await twin.ask(ALL_PORTS, BOTH);
  return { strangers, named: await twin.askSources([CONTROL, range], MOST_SOURCES) };
}

/**
 * Whether a change opens the range and nothing else, and lets in nobody who is kept out for another reason than
 * strangers are.
 * @throws Problem `unsupported` that names the port, the address or the rule
 */
export function compare(before: Census, after: Census, { range, families }: Question): void {
  for (const family of BOTH) {
    const [was, is] = [before, after].map(({ strangers }) => outside(strangers[family], range));
    if (JSON.stringify(was) !== JSON.stringify(is)) {
      const shut = (was ?? []).flatMap((open) => subtractRanges(open, is ?? []))[0];
      const stop = shut && blocksOf(after.strangers[family], shut)[0];
      const facts = phrase`open before ${portList(was ?? [])}, after ${portList(is ?? [])}`;
      const why = stop ? phrase` ${formatRange(stop.range)} would then be stopped by ${stopper(stop)}.` : '';
      throw new Problem(
        'unsupported',
        phrase`The change would also alter other ports over ${familyName(family)}: ${facts}.` + why,
      );
    }
  }
  for (const family of families) {
    const reach = after.strangers[family];
    if (reach === undefined || reach.method === 'unknown' || coversRange(reach.open, range)) continue;
    const stop = blocksOf(reach, range)[0];
    throw new Problem(
      'unsupported',
      phrase`The range cannot be opened over ${familyName(family)}: ${formatRange(stop?.range ?? range)} would still be stopped by ${stopper(stop)}.`,
    );
  }
  for (const [address, reach] of before.named) {
    const family = address.includes(':') ? 'ipv6' : 'ipv4';
    const stranger = blocksOf(before.strangers[family], range);
    const welcome = coversRange(reach.open, CONTROL);
    const own = blocksOf(reach, range).filter((each) => !stranger.some((other) => sameStop(each, other)));
    for (const ban of own.filter((each) => !welcome || isExplicit(each))) {
      const open = after.named.get(address)?.open ?? [];
      if (!open.some((each) => meets(each, ban.range))) continue;
      throw new Problem(
        'unsupported',
        phrase`The range cannot be opened without letting in ${address}, which this rule keeps out: ${ban.rule ?? 'unknown'}.`,
      );
    }
  }
}

/** What of the range is blocked. */
function blocksOf(reach: Reach | undefined, [low, high]: PortRange): Blocked[] {
  return (reach?.blocked ?? [])
    .filter((each) => meets(each.range, [low, high]))
    .map((each) => ({ ...each, range: [Math.max(each.range[0], low), Math.min(each.range[1], high)] }));
}

function stopper(stop: Blocked | undefined): string {
  return stop?.rule == null ? phrase`something that no rule shows` : phrase`the rule ${stop.rule}`;
}

function meets(a: PortRange, b: PortRange): boolean {
  return a[0] <= b[1] && b[0] <= a[1];
}

/** Whether one and the same place stops both. */
function sameStop(a: Blocked, b: Blocked): boolean {
  return a.rule === b.rule && a.decision?.index === b.decision?.index;
}

function outside(reach: Reach | undefined, range: PortRange): PortRange[] {
  return mergeRanges((reach?.open ?? []).flatMap((open) => subtractRanges(open, [range])));
}

export function portList(ranges: readonly PortRange[]): string {
  return ranges.length === 0
    ? phrase`nothing`
    : ranges.map((range) => (range[0] === range[1] ? String(range[0]) : formatRange(range))).join(', ');
}

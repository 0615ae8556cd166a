import type { PortRange } from '../core/range.ts';

/** Rules that look at a port bit by bit, at raw bytes or at a hash of them can split a range anywhere. */
const ARBITRARY =
  /@(th|nh|ih|ll),|\b[sd]port\s+(&|and\b|>>)|\b(jhash|symhash)\b|\bxt match "?(u32|bpf)\b|-m (u32|bpf)\b/;

/** Numbers that are no ports, by their shape or by the word before: sets of addresses can have a time for each. */
const NOT_PORTS =
  /"[^"]*"|\[\d+:\d+\]|\b(?:timeout|packets|bytes|size|maxelem|hashsize|bucketsize) \d+|\d+\.\d+\.\d+\.\d+(\/\d+)?|[0-9a-f]*:[0-9a-f]*:[0-9a-f:]*(\/\d+)?|0x[0-9a-f]+|# handle \d+|\b\d+[smhd]\w*|\d+\/(second|minute|hour|day|week)/gi;

/**
 * The ports at which a rule could begin to tell ports apart: each number in the ruleset and the one after it.
 *
 * @param ruleset as nft and iptables list it: ports in decimal, names and variables resolved
 */
export function portStarts(ruleset: string): number[] {
  if (ARBITRARY.test(ruleset)) return Array.from({ length: 65_535 }, (_, index) => index + 1);
  const starts = new Set<number>();
  for (const [digits] of ruleset.replace(NOT_PORTS, ' ').matchAll(/\d+/g)) {
    const port = Number(digits);
    if (port <= 65_535) starts.add(port).add(port + 1);
  }
  return [...starts].sort((a, b) => a - b);
}

/**
 * Cuts `range` at these ports. All ports of one piece meet the same rules with the same answers, so one connection each
 * gives the exact verdict.
 */
export function piecesOf([low, high]: PortRange, starts: readonly number[]): PortRange[] {
  const inside = [low, ...starts.filter((start) => start > low && start <= high)];
  return inside.map((start, index) => [start, (inside[index + 1] ?? high + 1) - 1]);
}

/** The ports that clients come from, as Linux gives them out (ip(7), ip_local_port_range). */
const CALLERS: PortRange = [32_768, 60_999];

/** So many are under way at once, and each comes from a port of its own. */
const FEWEST_CALLERS = 256;

/** Rules that look at the port a packet comes from. */
const LOOKS_AT_CALLERS = /\bsport\b|--s(?:ource-)?ports?\b|--ports\b/;

/**
 * Ports to come from of which no rule names one, as with nearly any client. Where there are too few: ones that no rule
 * for the port of a packet's sender names; where there are too few of these, any.
 *
 * @param starts the ports at which the rules could begin to tell ports apart
 */
export function callersOf(ruleset: string, starts: readonly number[]): PortRange {
  const unnamed = longest(piecesOf(CALLERS, starts));
  if (length(unnamed) >= FEWEST_CALLERS) return unnamed;
  const lines = ruleset.split('\n').filter((line) => LOOKS_AT_CALLERS.test(line));
  const alike = longest(piecesOf(CALLERS, portStarts(lines.join('\n'))));
  return length(alike) >= FEWEST_CALLERS ? alike : CALLERS;
}

function longest(ranges: readonly PortRange[]): PortRange {
  return ranges.reduce((best, range) => (length(range) > length(best) ? range : best));
}

function length([low, high]: PortRange): number {
  return high - low + 1;
}

/** Every address and network that a ruleset names, once, as written: `A`, `A/LEN` and `A-B`. */
export function namedNetworks(ruleset: string): string[] {
  const v4 = /\d+\.\d+\.\d+\.\d+(?:\/\d+|-\d+\.\d+\.\d+\.\d+)?/g;
  const v6 = /(?<![\w:])[0-9a-f]{0,4}:[0-9a-f:]*:[0-9a-f:]*(?:\/\d+|-[0-9a-f:]+)?/gi;
  return [...new Set([...(ruleset.match(v4) ?? []), ...(ruleset.match(v6) ?? [])])];
}

/** Of a long range of ports that connections are led to, so many are enough to find a listener there. */
const MOST_TARGETS = 64;

/** Ports that rules lead connections to (`redirect to :N`, `dnat to A:N`, `--to-ports N`): an answer comes from there. */
export function targetPorts(ruleset: string): number[] {
  const translations =
    /(?:\bredirect to :|\bdnat (?:ip6? )?to [^\s:{]*:|--to-ports |--to-destination [^\s:]*:)(\d+)(?:-(\d+))?/g;
  const ports = [...ruleset.matchAll(translations)].flatMap(([, first, last]) => {
    const length = Number(last ?? first) - Number(first) + 1;
    return Array.from({ length: Math.min(length, MOST_TARGETS) }, (_, index) => Number(first) + index);
  });
  return [...new Set(ports)].filter((port) => port > 0 && port <= 65_535);
}

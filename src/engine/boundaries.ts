import type { PortRange } from '../core/range.ts';

/** Rules that look at a port bit by bit, at raw bytes or at a hash of them can split a range anywhere. */
const ARBITRARY = /@(th|nh|ih|ll),|\b[sd]port\s+(&|and\b|>>)|\b(jhash|symhash)\b/;

/** Numbers that are no ports, by their shape: quoted text, addresses, hexadecimal, handles, times, rates. */
const NOT_PORTS =
  /"[^"]*"|\d+\.\d+\.\d+\.\d+(\/\d+)?|[0-9a-f]*:[0-9a-f]*:[0-9a-f:]*(\/\d+)?|0x[0-9a-f]+|# handle \d+|\b\d+[smhd]\w*|\d+\/(second|minute|hour|day|week)/gi;

/**
 * Cuts `range` where a rule could tell two neighbouring ports apart: at each number in the ruleset and after it.
 * All ports of one piece meet the same rules with the same answers, so one connection each gives the exact verdict.
 *
 * @param ruleset as nft lists it: ports in decimal, names and variables resolved
 */
export function portSegments(ruleset: string, range: PortRange): PortRange[] {
  const [low, high] = range;
  if (ARBITRARY.test(ruleset)) {
    return Array.from({ length: high - low + 1 }, (_, index) => [low + index, low + index]);
  }
  const starts = new Set([low]);
  for (const [digits] of ruleset.replace(NOT_PORTS, ' ').matchAll(/\d+/g)) {
    for (const start of [Number(digits), Number(digits) + 1]) {
      if (start > low && start <= high) starts.add(start);
    }
  }
  const sorted = [...starts].sort((a, b) => a - b);
  return sorted.map((start, index) => [start, (sorted[index + 1] ?? high + 1) - 1]);
}

/** Every address and network that a ruleset names, as written: `A`, `A/LEN` and `A-B`. */
export function namedNetworks(ruleset: string): string[] {
  const v4 = /\d+\.\d+\.\d+\.\d+(?:\/\d+|-\d+\.\d+\.\d+\.\d+)?/g;
  const v6 = /(?<![\w:])[0-9a-f]{0,4}:[0-9a-f:]*:[0-9a-f:]*(?:\/\d+|-[0-9a-f:]+)?/gi;
  return [...(ruleset.match(v4) ?? []), ...(ruleset.match(v6) ?? [])];
}

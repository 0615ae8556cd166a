import { fileURLToPath } from 'node:url';
import { formatRange, mergeRanges, type PortRange } from '../../src/core/range.ts';
import type { Reach } from '../../src/core/reach.ts';
import type { Link } from '../../src/engine/ports.ts';
import { openTwin, type Twin } from '../../src/engine/twin.ts';
import { namespacesWith } from '../../src/system/netns.ts';
import { NO_RULES, type Ruleset } from '../../src/firewall/ruleset.ts';
import { tools } from '../../src/system/programs.ts';

const END = fileURLToPath(new URL('../../src/system/twin-end.pl', import.meta.url));

/** A twin of a server with these interfaces, made as the product makes it. */
export function openRealTwin(rules: string | Ruleset, links: readonly Link[], end = END): Promise<Twin> {
  const clock = {
    now: () => Date.now(),
    elapsed: () => performance.now(),
    sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
  };
  const ports = {
    openNamespaces: namespacesWith(end),
    links: () => Promise.resolve(links),
    tools,
    clock,
  };
  return openTwin(ports, typeof rules === 'string' ? { ...NO_RULES, nft: rules } : rules);
}

/** Ranges as `A-B,C`, joined and in order. */
export function written(ranges: readonly PortRange[]): string {
  return mergeRanges(ranges)
    .map((range) => (range[0] === range[1] ? String(range[0]) : formatRange(range)))
    .join();
}

/** Every port that a verdict speaks of, once for each time it does, in order. */
export function portsOf({ open, blocked }: Reach): number[] {
  return [...open, ...blocked.map(({ range }) => range)]
    .flatMap(([low, high]) => Array.from({ length: high - low + 1 }, (_, index) => low + index))
    .sort((a, b) => a - b);
}

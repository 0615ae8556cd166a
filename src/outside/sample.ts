import type { PortRange } from '../core/range.ts';

/** Ports to try at the advertised address, and by another name of the server. */
export interface Sample {
  readonly ports: readonly number[];
  readonly witnesses: readonly number[];
}

const MOST = 10;
/** So few ports leave none for a second question. */
const ENOUGH = 3;

/**
 * Ports that no browser connects to, whatever a page asks (the Fetch standard's list of bad ports, as far as a passive
 * range can hold them).
 */
export const BAD_PORTS: readonly number[] = [
  ...[
    1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679,
    6697,
  ],
  10080,
];

/**
 * Ports from all over the range, both ends among them, none of which is in use. At least half of what is free stays
 * free for the FTP server.
 * @param pick a whole number from 0 to below the one given
 */
export function samplePorts(
  range: PortRange,
  taken: ReadonlySet<number>,
  hasWitness: boolean,
  pick: (below: number) => number,
): Sample {
  const free: number[] = [];
  for (let port = range[0]; port <= range[1]; port++) if (!taken.has(port)) free.push(port);
  const count = Math.min(MOST, Math.floor(free.length / 2));
  const all = Array.from({ length: count }, (_, index) => {
    if (index === 0) return free[0];
    if (index === count - 1) return free.at(-1);
    const from = Math.floor((index * free.length) / count);
    return free[from + pick(Math.floor(((index + 1) * free.length) / count) - from)];
  }).flatMap((port) => port ?? []);
  if (!hasWitness || count < ENOUGH) return { ports: all, witnesses: [] };
  // From the middle, so that the ends are tried where clients are sent.
  const apart = count < MOST ? [Math.floor(count / 2)] : [3, 6];
  return {
    ports: all.filter((_, index) => !apart.includes(index)),
    witnesses: all.filter((_, index) => apart.includes(index)),
  };
}

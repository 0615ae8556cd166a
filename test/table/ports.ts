import { DEFAULT_RANGE } from '../../src/core/range.ts';

/** A port that no ruleset of the table means to be open. */
export const SENTINEL = 3389;
const ALWAYS = [1, 20, 21, 22, 2087, SENTINEL, 49_150, 57_000, 65_533, 65_535, ...DEFAULT_RANGE];

/**
 * Every port at which a ruleset may change its mind: each number in its text, whatever it means there, with its
 * neighbours, and one port between each two of them.
 */
export function boundaryPorts(text: string): readonly number[] {
  const named = Array.from(text.matchAll(/(?<![\w.])\d{1,5}(?![\w.])/g), ([number]) => Number(number));
  const edges = sorted([...named, ...ALWAYS].flatMap((port) => [port - 1, port, port + 1]));
  const between = edges.map((port, at) => Math.floor((port + (edges[at + 1] ?? port)) / 2));
  return sorted([...edges, ...between]);
}

/** Whether a port is of the range that the table is about. */
export function inRange(port: number): boolean {
  return port >= DEFAULT_RANGE[0] && port <= DEFAULT_RANGE[1];
}

function sorted(ports: readonly number[]): number[] {
  return [...new Set(ports)].filter((port) => port >= 1 && port <= 65_535).sort((a, b) => a - b);
}

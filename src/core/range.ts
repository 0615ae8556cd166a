import { phrase } from './phrase.ts';
import { Problem } from './problem.ts';

/** An inclusive range of TCP ports, low first. */
export type PortRange = readonly [low: number, high: number];

/** Default range: cPanel's document on passive mode, 49152–65534. */
export const DEFAULT_RANGE: PortRange = [49152, 65534];

const LOWEST_PASSIVE = 1024;
const HIGHEST = 65535;

/**
 * Reads `LOW-HIGH` (also `LOW:HIGH` and `LOW HIGH`, as the firewalls and FTP servers write it).
 * Both FTP servers refuse ports below 1024, and ProFTPD refuses a range of one port.
 * @throws Problem `invalid`
 */
export function parseRange(text: string): PortRange {
  const match = /^\s*(\d{1,9})\s*[-: ]\s*(\d{1,9})\s*$/.exec(text);
  const right = phrase`write LOW-HIGH with ports from ${LOWEST_PASSIVE} to ${HIGHEST}, like 49152-65534`;
  if (!match) throw new Problem('invalid', phrase`The range "${text}" is not two ports: ${right}.`);
  const range: PortRange = [Number(match[1]), Number(match[2])];
  for (const port of range) {
    if (port > HIGHEST) throw new Problem('invalid', phrase`Port ${port} is above ${HIGHEST}: ${right}.`);
    if (port < LOWEST_PASSIVE) {
      throw new Problem('invalid', phrase`Port ${port} is below ${LOWEST_PASSIVE}: ${right}.`);
    }
  }
  if (range[0] > range[1]) {
    throw new Problem(
      'invalid',
      phrase`The range ${range[0]}-${range[1]} is reversed: write ${range[1]}-${range[0]}.`,
    );
  }
  if (range[0] === range[1]) {
    throw new Problem('invalid', phrase`The range ${range[0]}-${range[1]} has only one port: ${right}.`);
  }
  return range;
}

/**
 * Reads `PORT` or `PORT-PORT`, any TCP port: the question that `reach` asks.
 * @throws Problem `invalid`
 */
export function parsePorts(text: string): PortRange {
  const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(text);
  const right = phrase`write PORT or LOW-HIGH with ports from 1 to ${HIGHEST}`;
  if (!match) throw new Problem('invalid', phrase`"${text}" is not a port or a range of ports: ${right}.`);
  const low = Number(match[1]);
  const high = Number(match[2] ?? match[1]);
  if (low < 1 || high > HIGHEST)
    throw new Problem('invalid', phrase`"${text}" is outside 1 to ${HIGHEST}: ${right}.`);
  if (low > high)
    throw new Problem('invalid', phrase`The range ${low}-${high} is reversed: write ${high}-${low}.`);
  return [low, high];
}

/** How each tool writes a range: nft and firewalld `a-b`, CSF, iptables and ufw `a:b`, the FTP servers `a b`. */
export type RangeSyntax = 'dash' | 'colon' | 'space';

const SEPARATOR = { dash: '-', colon: ':', space: ' ' } as const;

/** A range of one port is that port: ufw refuses it otherwise, and the others write it so. */
export function formatRange(range: PortRange, syntax: RangeSyntax = 'dash'): string {
  if (range[0] === range[1]) return String(range[0]);
  return `${range[0]}${SEPARATOR[syntax]}${range[1]}`;
}

export function sameRange(a: PortRange | null, b: PortRange | null): boolean {
  return a === b || (a !== null && b !== null && a[0] === b[0] && a[1] === b[1]);
}

/** Sorts, and joins what overlaps or touches. */
export function mergeRanges(ranges: readonly PortRange[]): PortRange[] {
  const merged: [number, number][] = [];
  for (const [low, high] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last && low <= last[1] + 1) last[1] = Math.max(last[1], high);
    else merged.push([low, high]);
  }
  return merged;
}

/** What of `range` is left when `holes` are taken out. */
export function subtractRanges(range: PortRange, holes: readonly PortRange[]): PortRange[] {
  const left: PortRange[] = [];
  let next = range[0];
  for (const [low, high] of mergeRanges(holes)) {
    if (high < next) continue;
    if (low > range[1]) break;
    if (low > next) left.push([next, low - 1]);
    next = high + 1;
  }
  if (next <= range[1]) left.push([next, range[1]]);
  return left;
}

/** Whether the union of `ranges` holds every port of `range`. */
export function coversRange(ranges: readonly PortRange[], range: PortRange): boolean {
  return subtractRanges(range, ranges).length === 0;
}

import type { PortRange } from './range.ts';

export type Family = 'ipv4' | 'ipv6';

export function familyName(family: Family): string {
  return family === 'ipv4' ? 'IPv4' : 'IPv6';
}

/** Who keeps a table: nft itself, iptables through nft, or the older iptables that nft cannot see. */
export type Tool = 'nft' | 'iptables' | 'iptables-legacy';

/**
 * A place in a ruleset where a packet's fate was decided. `index`: the rule's place in its chain, from 0; null when the
 * chain's policy decided.
 */
export interface Decision {
  readonly tool: Tool;
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  readonly index: number | null;
  /** The rule's text, or `policy drop`. */
  readonly text: string;
}

/** Ports that a client cannot reach, and what stops it. Ports of one entry share one fate. */
export interface Blocked {
  readonly range: PortRange;
  readonly how: 'drop' | 'reject' | 'unknown';
  readonly rule: string | null;
  readonly decision: Decision | null;
  readonly path: readonly string[];
}

/** The twin's verdict for a range of ports in one address family. `ms`: how long the question took. */
export interface Reach {
  readonly method: 'twin' | 'unknown';
  readonly reason?: string;
  readonly open: readonly PortRange[];
  readonly blocked: readonly Blocked[];
  /** The rules that a packet met on its way in, where one port was asked for and is open. */
  readonly path?: readonly string[];
  readonly ms: number;
  /** When this was answered, wall time in milliseconds, where it is an earlier answer about the same rules. */
  readonly asked?: number;
}

export type Reaches = Partial<Record<Family, Reach>>;

/** Nothing could be told, and why. */
export function unknownReach(reason: string, ms = 0): Reach {
  return { method: 'unknown', reason, open: [], blocked: [], ms };
}

/** `true` all open, `false` something is blocked, `null` could not tell. */
export function allOpen(reach: Reach): boolean | null {
  if (reach.method === 'unknown') return null;
  return reach.blocked.length === 0;
}

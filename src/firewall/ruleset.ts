import type { Tool } from '../core/reach.ts';

/** Everything in a kernel that decides about packets, as texts that load into another one. */
export interface Ruleset {
  /** `nft -a -s list ruleset`, or an nft script that a unit loads at boot. */
  readonly nft: string;
  /** `ipset save`. */
  readonly ipsets: string;
  readonly saved: readonly SavedTables[];
  /** Whether `nft` is such a listing: all that a script takes from elsewhere then stands in it. */
  readonly listed?: true;
}

/** What iptables-save prints for one family, or a file in that form. */
export interface SavedTables {
  readonly family: 'ip' | 'ip6';
  readonly tool: Exclude<Tool, 'nft'>;
  readonly text: string;
}

/** A chain as it is in force. `base`: the words that hook it, null for a chain that others jump to. */
export interface Chain {
  readonly tool: Tool;
  /** `ip`, `ip6`, `inet`, `netdev`, … */
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  readonly base: string | null;
  readonly rules: readonly ChainRule[];
}

/**
 * `text`: the rule as its tool prints it; for iptables what stands behind `-A CHAIN `. `handle`: nft's number for it,
 * null where the tool has none.
 */
export interface ChainRule {
  readonly handle: number | null;
  readonly text: string;
}

export type Place = Pick<Chain, 'family' | 'table' | 'chain'>;

export function samePlace(a: Place, b: Place): boolean {
  return a.family === b.family && a.table === b.table && a.chain === b.chain;
}

export const NO_RULES: Ruleset = { nft: '', ipsets: '', saved: [] };

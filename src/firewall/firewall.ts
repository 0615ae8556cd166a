import type { MarkedRule, PlacedRule, RemovedRule } from '../core/plan.ts';
import type { PortRange } from '../core/range.ts';
import type { Decision, Family } from '../core/reach.ts';

/** What stands in every rule of ours. */
export const MARK = 'ftp-passive:managed';

/** A chain as it is in force. `base`: the words that hook it, null for a chain that others jump to. */
export interface Chain {
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  readonly base: string | null;
  readonly rules: readonly { readonly handle: number; readonly text: string }[];
}

/** Ports that one place in the ruleset decides against. */
export interface Denial {
  readonly decision: Decision;
  readonly ports: readonly PortRange[];
  readonly families: readonly Family[];
}

/** A firewall's ways, without any input or output: listings in, edits and scripts out. */
export interface Firewall {
  readonly name: 'nftables';
  /** Its saved rules, the likely place first. */
  readonly bootFiles: readonly string[];
  /** The unit that loads them. */
  readonly bootUnit: string;
  /** Arguments of its tool that print the rules in force. */
  readonly list: readonly string[];
  readListing(text: string): Chain[];
  /** Why a twin of these rules cannot be made; null when it can. */
  uncopyable(listing: string): string | null;
  /** The rule that lets the denied ports in, at the place where they are denied. */
  insertionsFor(denial: Denial): PlacedRule[];
  insertScript(insertions: readonly PlacedRule[]): string;
  deleteScript(rules: readonly { rule: MarkedRule; handle: number }[]): string;
  /** Rules of ours, with the ports that they open. */
  ours(chains: readonly Chain[]): OurRule[];
  /**
   * The saved text with a rule added at the same place. `before` counts the chain's rules from 0; `loaded` is how many
   * rules the chain has once the text is loaded.
   */
  placeInText(text: string, rule: MarkedRule, before: number | null, loaded: number): string;
  /** Rules of ours in a saved text. */
  oursInText(text: string): MarkedRule[];
  removeFromText(text: string, rules: readonly MarkedRule[]): string;
}

export interface OurRule extends RemovedRule {
  readonly handle: number;
  readonly ports: readonly PortRange[];
}

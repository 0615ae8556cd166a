import type { FileFact, FileFacts } from '../core/file.ts';
import type { Finding } from '../core/finding.ts';
import type { MarkedRule, PlacedRule, RemovedRule } from '../core/plan.ts';
import type { PortRange } from '../core/range.ts';
import type { Decision, Family } from '../core/reach.ts';
import type { FirewallName } from '../core/status.ts';
import type { Chain, Place, Ruleset } from './ruleset.ts';

/** What stands in every rule of ours. */
export const MARK = 'ftp-passive:managed';

/** What was read of the server for the firewalls, once. */
export interface FirewallFacts {
  readonly files: FileFacts;
  readonly chains: readonly Chain[];
  readonly ruleset: Ruleset;
  /** The interface that leads to the internet, by its name. */
  readonly mainInterface: string | null;
  /** Of the units that the firewalls name: those that run, and those that are started at boot. */
  readonly active: ReadonlySet<string>;
  readonly enabled: ReadonlySet<string>;
}

/** `active`: its rules are in force. `inactive`: it is installed, and does nothing now. */
export type Standing = 'active' | 'inactive' | 'absent';

/** A firewall's ways, without any input or output. */
export interface Firewall {
  readonly name: FirewallName;
  /** Files and directories (all files directly in them) that it wants to be read. */
  readonly files: readonly string[];
  readonly directories?: readonly string[];
  /** Units whose state it wants to know, with their suffix. */
  readonly units: readonly string[];
  standing(facts: FirewallFacts): Standing;
  /** What is noteworthy while it is in charge, beyond what the range meets. */
  findings(facts: FirewallFacts, question: Question): Finding[];
}

/** For whom the range is to be open. `families`: those in which this server is reached. */
export interface Question {
  readonly range: PortRange;
  readonly families: readonly Family[];
}

/** Ports that one place in the ruleset decides against. */
export interface Denial {
  readonly decision: Decision;
  readonly ports: readonly PortRange[];
  readonly families: readonly Family[];
}

/** A firewall of plain rules: they are in the kernel, and in files that a unit loads at boot. */
export interface Rulebook extends Firewall {
  /** Whether rules in this chain are put in by its tool. */
  keeps(chain: Chain): boolean;
  /** The rule that lets the denied ports in, at the place where they are denied. */
  insertionsFor(denial: Denial): PlacedRule[];
  /** Rules of ours, with the ports that they open. */
  ours(chains: readonly Chain[]): OurRule[];
  /** Where its rules are kept for the next boot; null where they are not. */
  saved(facts: FirewallFacts): SavedRules | null;
  /** What the kernel will hold once these files are loaded. `live`: what the files take for granted (ipsets). */
  rulesetOf(files: readonly Pick<FileFact, 'path' | 'text'>[], live: Ruleset): Ruleset;
  /** Of these files the one that holds (or would hold) the chain; null when none does. */
  fileOf(place: Place, files: readonly Pick<FileFact, 'path' | 'text'>[]): string | null;
  /**
   * The saved text with a rule added at the same place. `rule.before` counts the chain's rules from 0; `loaded` is how
   * many rules the chain has once the text is loaded.
   */
  placeInText(text: string, rule: PlacedRule, loaded: number): string;
  /** Rules of ours in a saved text, with their ports. `path`: where the text stands. */
  oursInText(text: string, path: string): (MarkedRule & { readonly ports: readonly PortRange[] })[];
  removeFromText(text: string, rules: readonly MarkedRule[]): string;
}

/** Rules that wait for the next boot. `enabled`: whether the unit that loads them is started then. */
export interface SavedRules {
  readonly files: readonly FileFact[];
  readonly unit: string;
  readonly enabled: boolean;
}

/** `index`: its place in its chain, from 0. */
export interface OurRule extends RemovedRule {
  readonly index: number;
  readonly ports: readonly PortRange[];
}

/** A program that makes the rules out of settings of its own, and makes them anew whenever it likes. */
export interface Keeper extends Firewall {
  /** Whether a decision at this place is this program's. */
  owns(place: Place, facts: FirewallFacts): boolean;
  /** Why its settings must not be touched now, in one sentence that says what to do; null when they may. */
  refusal(facts: FirewallFacts, question: Question): string | null;
  /** Whether its settings let the range in whenever the rules are made anew; null when they cannot tell. */
  keeps(facts: FirewallFacts, question: Question): boolean | null;
  /** How the range is opened. `live`: whether the rules in force must change too, or only what makes them later. */
  open(facts: FirewallFacts, question: Question, live: boolean): Opening;
  /** Ranges that this program has opened in it before. */
  opened(facts: FirewallFacts): PortRange[];
  /** How such ranges are closed again, once `question.range` is open. */
  close(facts: FirewallFacts, ranges: readonly PortRange[], question: Question): Deed[];
}

/** `trial`: rules that do in a copy of the ruleset what the deeds make the program do. */
export interface Opening {
  readonly trial: readonly PlacedRule[];
  readonly deeds: readonly Deed[];
}

/** Something to be done, with what takes it back: a file gets its old text, a command its inverse. */
export type Deed =
  | {
      readonly kind: 'write';
      readonly path: string;
      readonly after: string;
      readonly title: string;
      readonly why: string;
    }
  | {
      readonly kind: 'command';
      readonly command: readonly string[];
      /** Runs after all files are put back. */
      readonly undo: readonly string[];
      readonly title: string;
      readonly why: string;
      readonly timeoutSeconds: number;
      /** Files that the command changes; undo puts them back. */
      readonly touches?: readonly string[];
      /** An exit code that says `try again in a moment`. */
      readonly busyCode?: number;
    };

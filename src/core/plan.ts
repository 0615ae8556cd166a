import type { FileTag } from './file.ts';
import type { Finding } from './finding.ts';
import type { Tool } from './reach.ts';

/** What every step has: what it does, why, and whether it can be put back. `id` is `s1`, `s2`, … in order. */
interface StepBase {
  readonly id: string;
  readonly title: string;
  readonly why: string;
  readonly undoable: boolean;
}

/** Replaces a file's text, or removes the file when `after` is null. */
export interface WriteStep extends StepBase {
  readonly kind: 'write';
  readonly path: string;
  readonly expects: FileTag;
  readonly before: string | null;
  readonly after: string | null;
  readonly diff: string;
}

/**
 * Runs a program. `stdin` is given to it whole. `touches`: files the program may rewrite; they are saved before
 * and put back by undo. `undo` says how to take back what the program did beyond files.
 */
export interface RunStep extends StepBase {
  readonly kind: 'run' | 'restart';
  readonly command: readonly string[];
  readonly stdin?: string;
  readonly tty?: boolean;
  readonly timeoutSeconds: number;
  readonly touches?: readonly string[];
  /** Files that the program changes on its way and has put right when it ends: put back only where it was cut off. */
  readonly unsettles?: readonly string[];
  /** An exit code by which the program says that another one of it is at work: tried again until the time is up. */
  readonly busyCode?: number;
  /** It makes a firewall load its rules anew, which can cut off whoever asked for it. */
  readonly reloads?: true;
  readonly undo?: RunUndo;
}

/**
 * `firewall`: close what this step opened, found by its text. `command`: run this after the files are back; before it
 * `whenCutOff`, where the step never came to its end, for what its program would have set right in the end. That one
 * may fail.
 */
export type RunUndo =
  | { readonly kind: 'firewall'; readonly inverse: FirewallInverse }
  | {
      readonly kind: 'command';
      readonly command: readonly string[];
      readonly whenCutOff?: readonly string[];
      readonly timeoutSeconds: number;
      readonly busyCode?: number;
    };

/** Rules of ours to delete again, and rules of ours to insert again, each as text in its chain. */
export interface FirewallInverse {
  readonly remove: readonly MarkedRule[];
  readonly restore: readonly RemovedRule[];
}

/** A rule and where it goes: before the rule with that index in its chain (counted from 0, without it), or at the end. */
export interface PlacedRule extends MarkedRule {
  readonly before: number | null;
}

/** `next`: the text of the rule that stood after it, null when it was the last. */
export interface RemovedRule extends MarkedRule {
  readonly next: string | null;
}

/** `text`: as its tool writes it; for iptables what stands behind `-A CHAIN `. Without a tool: nft. */
export interface MarkedRule {
  readonly tool?: Exclude<Tool, 'nft'>;
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  readonly text: string;
}

/** A question whose answer must be right before anything later happens. `check` reads, `probe` sends packets. */
export interface CheckStep extends StepBase {
  readonly kind: 'check' | 'probe';
  readonly question: Question;
}

export type Question =
  | { readonly ask: 'gate'; readonly rules: readonly PlacedRule[] }
  | { readonly ask: 'boot-files'; readonly paths: readonly string[] }
  /** `setAside`: settings that cPanel had put aside before; what is there beside them was put aside by this run. */
  | { readonly ask: 'rendered'; readonly setAside?: readonly string[] }
  | { readonly ask: 'transfer' }
  /** `waitSeconds`: for rules that come a while after the command that makes them. */
  | { readonly ask: 'reach'; readonly waitSeconds?: number };

export type Step = WriteStep | RunStep | CheckStep;

/** What apply would do. `id` is a hash of everything in it: the plan that is shown is the plan that is run. */
export interface Plan {
  readonly id: string;
  readonly empty: boolean;
  readonly steps: readonly Step[];
  readonly notes: readonly Finding[];
}

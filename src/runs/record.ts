import { phrase } from '../core/phrase.ts';
import type { Plan } from '../core/plan.ts';
import type { SettingsInput } from '../core/settings.ts';
import type { Who } from '../engine/journal.ts';

export type { Who };

/** `interrupted`: the journal has no end and nobody holds the run: the machine or the process died in it. */
export type RunState = 'running' | 'done' | 'undone' | 'failed' | 'interrupted';
export type StepState = 'waiting' | 'running' | 'done' | 'failed' | 'undone' | 'left';

/** One run as its journal tells it. Times are ISO 8601. `undoes`: the run that this one put back. */
export interface RunRecord {
  readonly id: string;
  readonly verb: 'apply' | 'undo';
  readonly undoes?: string;
  readonly who: Who;
  readonly started: string;
  readonly ended?: string;
  readonly state: RunState;
  /** Whether anything differs now from before the run. */
  readonly changed: boolean;
  readonly settings: SettingsInput;
  readonly plan: Plan;
  readonly steps: readonly { readonly id: string; readonly title: string; readonly state: StepState }[];
  readonly problem?: { readonly code: string; readonly message: string; readonly detail?: string };
  /** What could not be proven from here; left out when all was. */
  readonly unproven?: readonly string[];
  /** Set when a later run undid this one. */
  readonly undoneBy?: string;
  /** Set while a switch is armed that puts the run back unless somebody confirms it. `armed`: ISO 8601. */
  readonly unconfirmed?: { readonly armed: string; readonly seconds: number };
  /** Who kept what it changed, where that had to be said. */
  readonly confirmed?: Who;
  /** How often somebody asked to stop it; left out when nobody did. */
  readonly cancels?: number;
}

/**
 * Whole seconds until a run that nobody has confirmed is put back; null where that does not threaten, and while the
 * run goes on, since its end is what is counted from. One that was cut off has no end: there the arming counts.
 */
export function secondsLeft(
  { unconfirmed, state, ended }: Pick<RunRecord, 'unconfirmed' | 'state' | 'ended'>,
  nowMs: number,
): number | null {
  if (unconfirmed === undefined || state === 'running') return null;
  const { armed, seconds } = unconfirmed;
  const due = Date.parse(ended ?? armed) + seconds * 1000;
  // A clock that was set back must not put it off for ever.
  return Math.min(seconds, Math.max(0, Math.ceil((due - nowMs) / 1000)));
}

/** How a run that came to its end stands, in one sentence. */
export function endSentence({ changed, unproven }: Pick<RunRecord, 'changed' | 'unproven'>): string {
  if (!changed) return phrase`Everything is as it was before.`;
  if (unproven === undefined) return phrase`Everything is set up and proven.`;
  return phrase`Everything is set up. Not proven: ${unproven.join(' ')}`;
}

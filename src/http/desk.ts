import type { Check } from '../core/check.ts';
import type { Plan } from '../core/plan.ts';
import type { PortRange } from '../core/range.ts';
import type { Reaches } from '../core/reach.ts';
import type { Settings } from '../core/settings.ts';
import type { Status } from '../core/status.ts';
import type { ReachQuestion } from '../engine/asked.ts';
import type { GivenLogin } from '../engine/lending.ts';
import type { Visitor } from '../engine/way-in.ts';
import type { RunRecord, Who } from '../runs/record.ts';
import type { Give } from '../runs/tail.ts';
import type { WatchStanding } from '../runs/watch-switch.ts';
import type { Turned } from '../runs/watch-turn.ts';

/**
 * All that the pages can ask of the product. The pages know nothing else: `main.ts` hands them a desk.
 * Every method may throw a Problem; its code decides the HTTP status.
 */
export interface Desk {
  /** @param range what the firewall is asked about, where not the range that is wanted */
  status(range?: PortRange): Promise<Status>;
  settings(): Promise<Settings>;
  /** How the watch over what was set up stands. */
  watch(): Promise<WatchStanding>;
  /** Turns the watch on, to repair or only to tell, or off. */
  turnWatch(mode: WatchStanding['mode']): Promise<Turned>;
  plan(settings: Settings): Promise<Plan>;
  /** Starts a run of exactly the plan with this id and answers with the run's id; `change-conflict` if the server changed. */
  apply(planId: string, settings: Settings, who: Who): Promise<string>;
  /**
   * Starts a run that puts back what `run` changed, and answers with the new run's id. `change-conflict`, with the
   * differences, where that would lose somebody's later edits and `force` is false.
   */
  undo(run: string, who: Who, force: boolean): Promise<string>;
  /** Asks a run at work to stop after its step; asked again, to end that step's program too. */
  cancel(run: string, who: Who): Promise<void>;
  /** Keeps what a run changed if a new connection of the visitor would get in; else `not-proven`. */
  confirm(run: string, who: Who, visitor: Visitor): Promise<void>;
  /** Every proof that can be had from the server; `given` is used instead of a throw-away login and kept nowhere. */
  verify(given: GivenLogin): Promise<readonly Check[]>;
  /** What the firewall does with ports now, asked in a copy of its rules. */
  reach(question: ReachQuestion): Promise<Reaches>;
  /** Newest first. */
  runs(): Promise<readonly RunRecord[]>;
  run(id: string): Promise<RunRecord>;
  /** The recording from a byte offset on, as it grows; ends when the run has ended and all was given. */
  /** `give`: see runs/tail.ts. */
  follow(run: string, offset: number, signal: AbortSignal, give?: Give): AsyncIterable<Uint8Array>;
  /** What the recording holds from a byte offset on, now (at most 256 KiB). `ended`: no more will come after `next`. */
  read(run: string, offset: number): Promise<{ bytes: Uint8Array; next: number; ended: boolean }>;
  /** The equivalent shell script of a plan. */
  script(plan: Plan): string;
}

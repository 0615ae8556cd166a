import assert from 'node:assert/strict';
import type { Plan } from '../../src/core/plan.ts';
import type { Settings } from '../../src/core/settings.ts';
import { applyPlan } from '../../src/engine/apply.ts';
import type { Ending } from '../../src/engine/journal.ts';
import { makePlan } from '../../src/engine/planning.ts';
import type { CommandResult } from '../../src/engine/ports.ts';
import { openLog, type KeptLog } from './log.ts';
import { settings, type Server } from './server.ts';

export interface Ran {
  readonly ending: Ending;
  readonly log: KeptLog;
  readonly plan: Plan;
}

export interface During {
  readonly some?: Partial<Settings>;
  /** Between the plan and its first step. */
  readonly before?: (server: Server) => void;
  readonly cancel?: AbortController;
  readonly log?: KeptLog;
}

/** Plans and applies; no twin may be left open. */
export async function run(
  server: Server,
  { some, before, cancel, log = openLog() }: During = {},
): Promise<Ran> {
  const wanted = settings(some);
  const plan = await makePlan(server.ports, wanted);
  before?.(server);
  const ending = await applyPlan(server.ports, plan, wanted, log, (cancel ?? new AbortController()).signal);
  assert.equal(server.twins.count, 0);
  return { ending, log, plan };
}

/** A program that does nothing and ends like this. */
export const exits =
  (code: number | null, some: Partial<CommandResult> = {}) =>
  (argv: readonly string[]): CommandResult => {
    return {
      argv,
      code,
      signal: null,
      stdout: '',
      stderr: '',
      missing: false,
      timedOut: false,
      ms: 1,
      ...some,
    };
  };

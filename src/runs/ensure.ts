import type { Finding } from '../core/finding.ts';
import { phrase } from '../core/phrase.ts';
import { Problem, toProblem } from '../core/problem.ts';
import type { Settings } from '../core/settings.ts';
import type { Status } from '../core/status.ts';
import { makePlan } from '../engine/planning.ts';
import { driftOf } from '../engine/undone-by.ts';
import { basisOf, type Basis } from './basis.ts';
import { confirmFrom } from './confirming.ts';
import type { Product } from './product.ts';
import type { RunRecord } from './record.ts';
import { standing } from './standing.ts';

/** Repairs in a row that somebody else undoes are a quarrel, which the administrator has to settle. */
const MOST_REPAIRS = 4;
const IN_MS = 24 * 60 * 60 * 1000;

/** How the history shows who made a repair. */
export const WATCH = { user: 'watch', address: 'local', via: 'cli' } as const;

/**
 * How a look at what was right once ended. `not-ours`: nothing is to be kept right. `right`: nothing was to do.
 * `undone`: found, and not repaired as was asked. `failed`: found, and not repaired. `sentence`: one line for people.
 */
export interface Ensured {
  readonly outcome: 'not-ours' | 'right' | 'undone' | 'repaired' | 'failed' | 'busy';
  readonly sentence: string;
  /** The run that repaired it or tried to; for `busy` the one that is at work. */
  readonly run: string | null;
  /** What was found undone. */
  readonly findings: readonly Finding[];
  /** The plan that failed or was not done; null when there is none. */
  readonly plan: string | null;
  readonly problem?: { readonly code: string; readonly message: string };
}

export interface EnsureChoice {
  /** Only look. */
  readonly repair: boolean;
  /** Nobody has asked: repairs that are undone again and again are given up. */
  readonly unattended: boolean;
  /** A plan that has failed before and is not tried again; null when none has. */
  readonly failedPlan: string | null;
  /** What is kept right where no run has set anything up; null: nothing is. */
  readonly right: Settings | null;
  /** Raised: the step at work is finished, then everything is put back. */
  readonly cancel: AbortSignal;
}

type Rooms = Pick<Product, 'engine' | 'book' | 'runner'>;

/** Repairs what a run of ours had set up and something else has undone since. Never rejects for what it meets. */
export async function ensure(product: Rooms, choice: EnsureChoice): Promise<Ensured> {
  try {
    const runs = await product.book.list();
    const working = runs.find(({ state }) => state === 'running');
    if (working !== undefined)
      return ending('busy', phrase`Run ${working.id} is at work; the next look is after it.`, {
        run: working.id,
      });
    const basis = basisOf(runs);
    const repairs = repairsOf(runs, product.engine.clock.now());
    if (basis.is === 'set-up') {
      const whose = phrase`What run ${basis.run.id} set up`;
      return await keep(product, { whose, settings: basis.settings }, choice, repairs);
    }
    if (basis.is === 'never' && choice.right !== null) {
      const whose = phrase`What was right when the watch was turned on`;
      return await keep(product, { whose, settings: choice.right }, choice, repairs);
    }
    return unkept(basis);
  } catch (error) {
    return failure(error, {});
  }
}

async function keep(
  product: Rooms,
  { whose, settings }: { readonly whose: string; readonly settings: Settings },
  { repair, unattended, failedPlan, cancel }: EnsureChoice,
  repairs: number,
): Promise<Ensured> {
  const status = await standing(product, settings);
  const findings = driftOf(status, settings.only);
  if (findings.length === 0) return ending('right', phrase`${whose} still holds.`);
  const what = whatOf(status, findings);
  if (!repair)
    return ending('undone', phrase`${what} Nothing was changed: "ftp-passive ensure" repairs it.`, {
      findings,
    });
  if (unattended && repairs >= MOST_REPAIRS)
    return ending(
      'undone',
      phrase`${what} It was repaired ${repairs} times within a day, so something undoes it: find out what; "ftp-passive ensure" repairs it once more.`,
      { findings },
    );
  let plan: string | null = null;
  try {
    const made = await makePlan(product.engine, settings);
    plan = made.id;
    if (made.empty)
      throw new Problem('not-proven', phrase`Setting up passive FTP would change nothing about it.`);
    if (made.id === failedPlan)
      throw new Problem(
        'not-proven',
        phrase`The same repair has failed before and is not tried again by itself; see the history, or run "ftp-passive apply".`,
      );
    const started = await product.runner.apply({ settings, who: WATCH, planId: made.id, cancel });
    if (started === null) return ending('right', phrase`${whose} holds again.`);
    const ended = await started.ended;
    if (ended.state === 'done') {
      // Nobody is logged in here who could be cut off, and the rules are those that a person has let stand before.
      await confirmFrom(product, started.run, null, WATCH);
      return ending('repaired', phrase`${what} Repaired by run ${started.run}.`, {
        run: started.run,
        findings,
      });
    }
    const { code, message } = ended.problem ?? { code: 'internal', message: phrase`The repair failed.` };
    const left =
      ended.state === 'undone'
        ? phrase`Everything was put back as it was found.`
        : phrase`Not everything could be put back.`;
    return failure(new Problem('not-proven', `${message} ${left}`), {
      run: started.run,
      findings,
      plan,
      what,
      code,
    });
  } catch (error) {
    return failure(error, { findings, plan, what });
  }
}

/** How often the watch has repaired something within a day. */
function repairsOf(runs: readonly RunRecord[], nowMs: number): number {
  const own = runs.filter(
    ({ who, verb, state }) => who.user === WATCH.user && verb === 'apply' && state === 'done',
  );
  return own.filter(({ started }) => nowMs - Date.parse(started) < IN_MS).length;
}

function unkept(basis: Exclude<Basis, { is: 'set-up' }>): Ensured {
  switch (basis.is) {
    case 'never':
      return ending(
        'not-ours',
        phrase`No run has set up passive FTP here, so there is nothing to keep right.`,
      );
    case 'undone':
      return ending(
        'not-ours',
        phrase`The last run was an undo, so nothing is kept right until the next set-up.`,
      );
    case 'unfinished': {
      const message = phrase`Run ${basis.run.id} left something changed and is not finished: put it back first, with "ftp-passive undo ${basis.run.id}".`;
      return { ...failure(new Problem('interrupted', message), {}), run: basis.run.id };
    }
  }
}

/** The trace of who did it where there is one, and the findings else, as sentences. */
function whatOf({ findings }: Status, drift: readonly Finding[]): string {
  const by = findings.find(({ id }) => id === 'undone-by');
  const titles = drift.map(({ title }) => title).join('; ');
  return by === undefined ? `${titles}.` : `${by.title} (${titles}).`;
}

function ending(
  outcome: Ensured['outcome'],
  sentence: string,
  more: Partial<Pick<Ensured, 'run' | 'findings' | 'plan'>> = {},
): Ensured {
  return { outcome, sentence, run: null, findings: [], plan: null, ...more };
}

function failure(
  error: unknown,
  {
    what = '',
    code,
    ...more
  }: Partial<Pick<Ensured, 'run' | 'findings' | 'plan'>> & { what?: string; code?: string },
): Ensured {
  const problem = toProblem(error);
  if (problem.code === 'busy') return ending('busy', problem.message, { run: problem.detail ?? null });
  const { message } = problem;
  const sentence = [what, message].filter((part) => part !== '').join(' ');
  return { ...ending('failed', sentence, more), problem: { code: code ?? problem.code, message } };
}

import type { Check } from '../core/check.ts';
import { phrase } from '../core/phrase.ts';
import type { Plan, Step } from '../core/plan.ts';
import { Problem, toProblem } from '../core/problem.ts';
import { settingsInput, type Settings } from '../core/settings.ts';
import { applyPlan, checkWritable } from '../engine/apply.ts';
import { findConflict, findLateEdits, type LateEdit } from '../engine/conflict.ts';
import type { Ending, Entry, Who } from '../engine/journal.ts';
import type { GivenLogin } from '../engine/lending.ts';
import { makePlan } from '../engine/planning.ts';
import type { EnginePorts } from '../engine/survey.ts';
import { changesAnything, takeBack } from '../engine/undo.ts';
import { verify } from '../engine/verify.ts';
import type { Book } from './book.ts';
import { UNDO_AFTER_SECONDS, type DeadMan } from './dead-man.ts';
import { pruneHistory } from './pruning.ts';
import { endSentence, type RunRecord } from './record.ts';
import { holdReins, type Stops } from './reins.ts';
import { openLog, type LogPorts, type OpenLog, type RunEvent } from './run-log.ts';

export type { RunEvent };

/** A run that has begun. `ended` never rejects. */
export interface Started {
  readonly run: string;
  readonly ended: Promise<Ending>;
}

export interface RunnerPorts extends LogPorts {
  readonly engine: EnginePorts;
  readonly book: Book;
  readonly deadMan: DeadMan;
  readonly newRunId: () => string;
  /** Makes ready what commands on a terminal need; a run calls it while it waits for its first proof. */
  readonly prepareTerminals: () => void;
}

export interface Runner {
  /** Null when nothing needs doing. @throws Problem before anything is changed */
  apply(request: ApplyRequest): Promise<Started | null>;
  /** Every proof that can be had from here. It makes a login of its own, so no run may be at work. @throws Problem `busy` */
  prove(settings: Settings, given?: GivenLogin): Promise<Check[]>;
  /** Puts back what a run changed. @throws Problem before anything is changed */
  undo(request: UndoRequest): Promise<Started>;
  /** What putting this run back by force would lose. */
  lateEdits(run: string): Promise<readonly LateEdit[]>;
  /** Asks a run that is at work, in whatever process, to stop; asked again, to end its program too. @throws Problem `invalid` */
  cancel(run: string, who: Who): Promise<void>;
  /** Keeps what a run changed: the switch that was armed puts it back no more. @throws Problem `busy` while a run is at work */
  confirm(run: string, who: Who): Promise<void>;
}

export interface ApplyRequest extends Stops {
  readonly settings: Settings;
  readonly who: Who;
  /** The plan that the person saw; another one is refused. */
  readonly planId?: string;
  readonly observe?: (event: RunEvent) => void;
}

export interface UndoRequest {
  readonly run: string;
  readonly who: Who;
  /** Over later edits too. */
  readonly force?: boolean;
  /** Only if nobody has confirmed it. */
  readonly unlessConfirmed?: boolean;
  readonly observe?: (event: RunEvent) => void;
}

export function openRunner(ports: RunnerPorts): Runner {
  const { engine, shelf, book, deadMan } = ports;

  /** An undo that was cut off is finished by doing it again from the run that it was about. */
  const changedBy = async (run: string): Promise<RunRecord> => {
    const asked = await book.run(run);
    const record = asked.undoes === undefined ? asked : await book.run(asked.undoes);
    if (record.changed) return record;
    throw new Problem(
      'invalid',
      phrase`Run ${record.id} left nothing changed; there is nothing to put back.`,
    );
  };

  return {
    async apply({ settings, who, planId, observe, ...stops }) {
      const run = ports.newRunId();
      const release = await shelf.lock(run);
      try {
        await checkConfirmed(book);
        const plan = await makePlan(engine, settings);
        if (planId !== undefined && plan.id !== planId) {
          throw new Problem(
            'change-conflict',
            phrase`The server changed since this plan was shown; look at the new plan first.`,
          );
        }
        if (plan.empty) {
          await release();
          return null;
        }
        await checkWritable(engine, plan);
        const begin = { at: 'begin', verb: 'apply', who, settings: settingsInput(settings), plan } as const;
        const log = await openLog(ports, run, begin, observe);
        setImmediate(ports.prepareTerminals);
        const { cancel, end, letGo } = holdReins(shelf, run, stops);
        const arm = (): Promise<void> => armSwitch(ports, run, log);
        const work = applyPlan(engine, plan, settings, log, cancel, { end, arm }).finally(letGo);
        return { run, ended: finish(ports, run, log, release, work) };
      } catch (error) {
        await release();
        throw error;
      }
    },

    async prove(settings, given = null) {
      const release = await shelf.lock(ports.newRunId());
      return verify(engine, settings, given).finally(release);
    },

    async undo({ run: target, who, force = false, unlessConfirmed = false, observe }) {
      const run = ports.newRunId();
      const release = await shelf.lock(run);
      try {
        const record = await changedBy(target);
        if (unlessConfirmed && record.unconfirmed === undefined)
          throw new Problem('invalid', phrase`Run ${record.id} was confirmed; it is not put back.`);
        const entries = await book.entries(record.id);
        const conflict = force ? null : await findConflict(engine, entries);
        if (conflict !== null) throw conflict;
        const plan: Plan = {
          ...record.plan,
          steps: record.plan.steps.filter(changesAnything).reverse().map(backwards),
        };
        const begin = {
          at: 'begin',
          verb: 'undo',
          undoes: record.id,
          who,
          settings: record.settings,
          plan,
        } as const;
        const log = await openLog(ports, run, begin, observe);
        const work = takeBack(engine, record.plan, entries, log, force).then(
          async (left): Promise<Ending> => {
            if (left !== null)
              return { state: 'failed', changed: true, problem: { code: left.code, message: left.message } };
            await shelf.addToJournal(record.id, JSON.stringify({ at: 'undone', by: run } satisfies Entry));
            if (record.unconfirmed !== undefined) await deadMan.disarm(record.id);
            return { state: 'done', changed: false };
          },
        );
        return { run, ended: finish(ports, run, log, release, work) };
      } catch (error) {
        await release();
        throw error;
      }
    },

    async lateEdits(run) {
      return findLateEdits(engine, await book.entries((await changedBy(run)).id));
    },

    async cancel(run, who) {
      const { state, verb } = await book.run(run);
      if (state !== 'running')
        throw new Problem('invalid', phrase`Run ${run} is not at work; there is nothing to cancel.`);
      if (verb === 'undo')
        throw new Problem('invalid', phrase`Run ${run} puts things back already; let it come to its end.`);
      await shelf.addToJournal(run, JSON.stringify({ at: 'cancel', who } satisfies Entry));
    },

    async confirm(run, who) {
      const release = await shelf.lock(ports.newRunId());
      try {
        const { unconfirmed, undoneBy } = await book.run(run);
        if (undoneBy !== undefined)
          throw new Problem(
            'invalid',
            phrase`Run ${run} was put back by run ${undoneBy}; there is nothing to confirm.`,
          );
        if (unconfirmed === undefined) return;
        await shelf.addToJournal(run, JSON.stringify({ at: 'confirmed', who } satisfies Entry));
        await deadMan.disarm(run);
      } finally {
        await release();
      }
    },
  };
}

function backwards(step: Step): Step {
  return { ...step, title: phrase`Put back: ${step.title}` };
}

/** The switch of an earlier run would take what a later one does for somebody's edits. */
async function checkConfirmed(book: Book): Promise<void> {
  const waits = (await book.list()).find(({ unconfirmed }) => unconfirmed !== undefined);
  if (waits === undefined) return;
  throw new Problem(
    'busy',
    phrase`Run ${waits.id} is not confirmed yet; confirm it (ftp-passive confirm ${waits.id}) or put it back first.`,
    waits.id,
  );
}

async function armSwitch(
  { deadMan, engine }: Pick<RunnerPorts, 'deadMan' | 'engine'>,
  run: string,
  log: OpenLog,
): Promise<void> {
  const seconds = UNDO_AFTER_SECONDS;
  await deadMan.arm(run, seconds);
  // What fires without this line finds nothing to do: no step that it stands for has begun.
  await log.journal({ at: 'armed', when: new Date(engine.clock.now()).toISOString(), seconds });
  log.say(phrase`# Unless it is confirmed, this run is put back ${seconds} seconds after its end.`);
}

async function finish(
  { engine, shelf, book, deadMan, grew }: RunnerPorts,
  run: string,
  log: OpenLog,
  release: () => Promise<void>,
  work: Promise<Ending>,
): Promise<Ending> {
  const ending = await work.catch((error: unknown): Ending => {
    const { code, message } = toProblem(error);
    return { state: 'failed', changed: true, problem: { code, message } };
  });
  const armed = (await book.entries(run).catch(() => [])).some(({ at }) => at === 'armed');
  log.recorder.marker(`run ${ending.state}: ${ending.problem?.message ?? endSentence(ending)}`);
  const end = { at: 'end', ended: new Date(engine.clock.now()).toISOString(), ...ending } as const;
  // Without this line the run is shown as interrupted, which is the worst that may come of it.
  await log.journal(end).catch(() => undefined);
  if (armed && !ending.changed) await deadMan.disarm(run).catch(() => undefined);
  // A history that is too long is no reason to fail.
  await pruneHistory(shelf, book, engine.clock.now()).catch(() => undefined);
  await release();
  grew(run);
  return ending;
}

import type { Check } from '../core/check.ts';
import type { Plan, Step } from '../core/plan.ts';
import { Problem, toProblem } from '../core/problem.ts';
import { settingsInput, type Settings } from '../core/settings.ts';
import { applyPlan, checkWritable } from '../engine/apply.ts';
import type { Ending, Entry, RunLog, Who } from '../engine/journal.ts';
import { makePlan } from '../engine/planning.ts';
import type { GivenLogin } from '../engine/lending.ts';
import { verify } from '../engine/verify.ts';
import type { EnginePorts } from '../engine/survey.ts';
import { changesAnything, findConflict, takeBack } from '../engine/undo.ts';
import type { Book } from './book.ts';
import { startRecording, type Recorder, type RecordingSize } from './recording.ts';
import { endSentence } from './record.ts';
import type { Shelf } from './shelf.ts';

/** What happens in a run, for whoever started it. */
export type RunEvent =
  | { readonly event: 'step'; readonly step: string; readonly state: string; readonly text: string }
  | { readonly event: 'output'; readonly text: string };

/** A run that has begun. `ended` never rejects. */
export interface Started {
  readonly run: string;
  readonly ended: Promise<Ending>;
}

export interface RunnerPorts {
  readonly engine: EnginePorts;
  readonly shelf: Shelf;
  readonly book: Book;
  readonly size: RecordingSize;
  readonly newRunId: () => string;
  readonly grew: (run: string) => void;
}

export interface Runner {
  /** Null when nothing needs doing. @throws Problem before anything is changed */
  apply(request: ApplyRequest): Promise<Started | null>;
  /** Every proof that can be had from here. It makes a login of its own, so no run may be at work. @throws Problem `busy` */
  prove(settings: Settings, given?: GivenLogin): Promise<Check[]>;
  /** Puts back what a run changed. @throws Problem before anything is changed */
  undo(run: string, who: Who, observe?: (event: RunEvent) => void): Promise<Started>;
}

export interface ApplyRequest {
  readonly settings: Settings;
  readonly who: Who;
  /** The plan that the person saw; another one is refused. */
  readonly planId?: string;
  readonly observe?: (event: RunEvent) => void;
  /** Raised: the step at work is finished, then everything is put back. */
  readonly cancel?: AbortSignal;
}

export function openRunner(ports: RunnerPorts): Runner {
  const { engine, shelf, book } = ports;
  return {
    async apply({ settings, who, planId, observe, cancel }) {
      const run = ports.newRunId();
      const release = await shelf.lock(run);
      try {
        const plan = await makePlan(engine, settings);
        if (planId !== undefined && plan.id !== planId) {
          throw new Problem(
            'change-conflict',
            'The server changed since this plan was shown; look at the new plan first.',
          );
        }
        if (plan.empty) {
          await release();
          return null;
        }
        await checkWritable(engine, plan);
        const begin = { at: 'begin', verb: 'apply', who, settings: settingsInput(settings), plan } as const;
        const log = await openLog(ports, run, begin, observe);
        const work = applyPlan(engine, plan, settings, log, cancel ?? new AbortController().signal);
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

    async undo(target, who, observe) {
      const run = ports.newRunId();
      const release = await shelf.lock(run);
      try {
        const asked = await book.run(target);
        // An undo that was cut off is finished by doing it again from the run that it was about.
        const record = asked.undoes === undefined ? asked : await book.run(asked.undoes);
        if (!record.changed)
          throw new Problem(
            'invalid',
            `Run ${record.id} left nothing changed; there is nothing to put back.`,
          );
        const entries = await book.entries(record.id);
        const conflict = await findConflict(engine, entries);
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
        const work = takeBack(engine, record.plan, entries, log).then(async (left): Promise<Ending> => {
          if (left !== null)
            return { state: 'failed', changed: true, problem: { code: left.code, message: left.message } };
          await shelf.addToJournal(record.id, JSON.stringify({ at: 'undone', by: run } satisfies Entry));
          return { state: 'done', changed: false };
        });
        return { run, ended: finish(ports, run, log, release, work) };
      } catch (error) {
        await release();
        throw error;
      }
    },
  };
}

function backwards(step: Step): Step {
  return { ...step, title: `Put back: ${step.title}` };
}

type OpenLog = RunLog & { readonly recorder: Recorder };

async function openLog(
  ports: RunnerPorts,
  run: string,
  begin: Omit<Extract<Entry, { at: 'begin' }>, 'started'>,
  observe?: (event: RunEvent) => void,
): Promise<OpenLog> {
  const { shelf, engine } = ports;
  const startedMs = engine.clock.now();
  await shelf.create(run);
  const write = (text: string): void => {
    shelf.addToRecording(run, text);
    ports.grew(run);
  };
  const recorder = startRecording(write, () => engine.clock.elapsed(), startedMs, ports.size);
  const decoder = new TextDecoder();
  const journal = (entry: Entry): Promise<void> => shelf.addToJournal(run, JSON.stringify(entry));
  await journal({ ...begin, started: new Date(startedMs).toISOString() });
  return {
    recorder,
    journal,
    copyPath: (step, index) => shelf.copyPath(run, step, index),
    output(bytes) {
      recorder.output(bytes);
      observe?.({ event: 'output', text: decoder.decode(bytes, { stream: true }) });
    },
    say(line) {
      recorder.say(line);
      observe?.({ event: 'output', text: `${line}\n` });
    },
    step(step, state, text) {
      recorder.marker(`${step} ${state}: ${text}`);
      observe?.({ event: 'step', step, state, text });
    },
  };
}

async function finish(
  ports: RunnerPorts,
  run: string,
  log: OpenLog,
  release: () => Promise<void>,
  work: Promise<Ending>,
): Promise<Ending> {
  const ending = await work.catch((error: unknown): Ending => {
    const { code, message } = toProblem(error);
    return { state: 'failed', changed: true, problem: { code, message } };
  });
  log.recorder.marker(`run ${ending.state}: ${ending.problem?.message ?? endSentence(ending)}`);
  const end = { at: 'end', ended: new Date(ports.engine.clock.now()).toISOString(), ...ending } as const;
  // Without this line the run is shown as interrupted, which is the worst that may come of it.
  await log.journal(end).catch(() => undefined);
  await release();
  ports.grew(run);
  return ending;
}

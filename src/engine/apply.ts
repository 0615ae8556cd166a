import { AS_WRITTEN, ABSENT, type FileTag } from '../core/file.ts';
import { phrase } from '../core/phrase.ts';
import type { Plan, RunStep, Step, WriteStep } from '../core/plan.ts';
import { Problem, toProblem } from '../core/problem.ts';
import type { Settings } from '../core/settings.ts';
import type { Ending, Entry, RunLog } from './journal.ts';
import { answer } from './questions.ts';
import { runPatiently } from './patience.ts';
import { pathsOf, startSaving, type Saving } from './saving.ts';
import type { EnginePorts } from './survey.ts';
import { takeBack } from './undo.ts';

const LAST_LINES = 40;
/** A line of a program may be megabytes long. */
const LAST_CHARACTERS = 16 * 1024;

/** Files that a plan may change. */
export function changedPaths(plan: Plan): string[] {
  return [...new Set(plan.steps.flatMap(pathsOf))];
}

/** Whether every file of the plan could be written. @throws Problem that names the first one that cannot */
export async function checkWritable(ports: EnginePorts, plan: Plan): Promise<void> {
  for (const path of changedPaths(plan)) await ports.files.probeWritable(path);
}

/** What holds a run from outside. */
export interface Reins {
  /** Raised: the program at work is ended. Comes after `cancel`. */
  readonly end?: AbortSignal;
  /** Called once, before the first step that makes a firewall load its rules anew. @throws Problem: it is not done */
  readonly arm?: () => Promise<void>;
}

/**
 * Does the steps in order. At the first failure, and when `cancel` is raised, takes back what was done in reverse.
 * What is done is in the log before it is done.
 */
export async function applyPlan(
  ports: EnginePorts,
  plan: Plan,
  settings: Settings,
  log: RunLog,
  cancel: AbortSignal,
  { end, arm }: Reins = {},
): Promise<Ending> {
  const entries: Entry[] = [];
  const kept: RunLog = {
    ...log,
    async journal(entry) {
      await log.journal(entry);
      entries.push(entry);
    },
  };
  const saving = startSaving(ports, plan, kept);
  const tags = new Map<string, FileTag>();
  const unproven: string[] = [];
  const last = plan.steps.at(-1);
  let armed = false;
  const goOn = (): void => {
    if (cancel.aborted) throw new Problem('interrupted', phrase`Cancelled; what was done is put back.`);
  };
  for (const step of plan.steps) {
    try {
      goOn();
      log.step(step.id, 'running', step.title);
      if ('reloads' in step && !armed) {
        await arm?.();
        armed = true;
      }
      const doubt = await doStep(ports, step, settings, kept, saving, tags, end);
      if (doubt !== null) unproven.push(doubt);
      if (step === last) goOn();
      log.step(step.id, 'done', step.title);
    } catch (error) {
      const problem = toProblem(error);
      log.step(step.id, 'failed', problem.message);
      // What is in the journal already is enough to go back; the disk that refused this line must not keep us here.
      await kept
        .journal({ at: 'step', step: step.id, state: 'failed', message: problem.message })
        .catch(() => undefined);
      await saving.end();
      const left = await takeBack(ports, plan, entries, kept);
      await saving.over();
      return ended(left, problem);
    }
  }
  await saving.end();
  return { state: 'done', changed: plan.steps.length > 0, ...(unproven.length > 0 ? { unproven } : {}) };
}

function ended(left: Problem | null, problem: Problem): Ending {
  const { code, message, detail } = problem;
  const facts = { code, message: left === null ? message : `${message} ${left.message}` };
  return {
    state: left === null ? 'undone' : 'failed',
    changed: left !== null,
    problem: detail === undefined ? facts : { ...facts, detail },
  };
}

async function doStep(
  ports: EnginePorts,
  step: Step,
  settings: Settings,
  log: RunLog,
  saving: Saving,
  tags: Map<string, FileTag>,
  end: AbortSignal | undefined,
): Promise<string | null> {
  await log.journal({ at: 'step', step: step.id, state: 'running', saved: await saving.before(step) });
  let doubt: string | null = null;
  switch (step.kind) {
    case 'write':
      await writeFile(ports, step, tags);
      break;
    case 'run':
    case 'restart':
      await runProgram(ports, step, log, tags, end);
      break;
    case 'check':
    case 'probe':
      doubt = await answer(ports, step.question, settings, log.say);
  }
  const after = Object.fromEntries(pathsOf(step).map((path) => [path, tags.get(path) ?? ABSENT]));
  await log.journal({ at: 'step', step: step.id, state: 'done', tags: after });
  return doubt;
}

async function writeFile(ports: EnginePorts, step: WriteStep, tags: Map<string, FileTag>): Promise<void> {
  const expects = step.expects === AS_WRITTEN ? (tags.get(step.path) ?? ABSENT) : step.expects;
  tags.set(step.path, await ports.files.replace(step.path, expects, step.after));
}

async function runProgram(
  ports: EnginePorts,
  step: RunStep,
  log: RunLog,
  tags: Map<string, FileTag>,
  end: AbortSignal | undefined,
): Promise<void> {
  log.say(`# ${step.command.join(' ')}`);
  const result = await runPatiently(ports, step.command, step.busyCode, {
    ...(step.stdin === undefined ? {} : { stdin: step.stdin }),
    timeoutSeconds: step.timeoutSeconds,
    tty: step.tty === true,
    onOutput: log.output,
    ...(end === undefined ? {} : { end }),
  });
  for (const path of step.touches ?? []) tags.set(path, (await ports.files.read(path))?.tag ?? ABSENT);
  const name = step.command[0] ?? '';
  const output = `${result.stdout}${result.stderr}`.slice(-LAST_CHARACTERS);
  const tail = output.split('\n').slice(-LAST_LINES).join('\n');
  if (end?.aborted === true)
    throw new Problem(
      'interrupted',
      phrase`Cancelled; ${name} was ended, and what was done is put back.`,
      tail,
    );
  if (result.missing) throw new Problem('not-found', phrase`${name} is missing or cannot be run.`);
  if (result.timedOut)
    throw new Problem('timeout', phrase`${name} was ended after ${step.timeoutSeconds} seconds.`, tail);
  if (result.code !== 0) {
    const how =
      result.code === null
        ? phrase`was ended by ${result.signal ?? phrase`a signal`}`
        : phrase`failed with exit code ${result.code}`;
    throw new Problem('command-failed', `${name} ${how}.`, tail);
  }
}

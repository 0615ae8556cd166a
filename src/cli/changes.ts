import { createInterface } from 'node:readline/promises';
import { phrase } from '../core/phrase.ts';
import { Problem, toProblem } from '../core/problem.ts';
import type { Settings } from '../core/settings.ts';
import { visible } from '../core/visible.ts';
import { diffsOf } from '../engine/conflict.ts';
import { makePlan } from '../engine/planning.ts';
import { confirmFrom } from '../runs/confirming.ts';
import { standBy } from '../runs/dead-man.ts';
import type { Product } from '../runs/product.ts';
import type { RunEvent } from '../runs/runner.ts';
import type { Arguments } from './arguments.ts';
import * as print from './print.ts';
import { resultText } from './result.ts';
import type { Console } from './verbs.ts';

const SELF = { user: 'root', address: 'local', via: 'cli' } as const;
/** How the history shows a run that was put back because nobody confirmed it. */
const SWITCH = { user: 'switch', address: 'local', via: 'cli' } as const;

type Result = Readonly<Record<string, unknown>>;

export async function apply(
  product: Product,
  given: Arguments,
  console: Console,
  settings: Settings,
): Promise<number> {
  const say = sayer(given, console);
  if (given.values.yes !== true) requireTerminal(console);
  try {
    let planId: string | undefined;
    if (given.values.yes !== true) {
      const plan = await makePlan(product.engine, settings);
      console.err(print.planText(plan));
      if (!plan.empty && !(await agreed(phrase`Do this?`)))
        throw new Problem('interrupted', phrase`You said no.`);
      planId = plan.id;
    }
    const started = await product.runner.apply({
      settings,
      who: SELF,
      ...(planId === undefined ? {} : { planId }),
      observe: observer(given, console),
      cancel: console.cancel,
      end: console.end,
    });
    if (started === null) {
      say({ run: null, state: 'nothing-to-do', changed: false });
      return 0;
    }
    const ending = await started.ended;
    const doubt = ending.state === 'done' ? await doubtOf(product, started.run, console) : null;
    say({ run: started.run, ...ending, ...(doubt === null ? {} : { confirmed: false, doubt }) });
    return doubt !== null ? 1 : ending.state === 'done' ? 0 : ending.state === 'undone' ? 1 : 4;
  } catch (error) {
    return refused(error, say, {});
  }
}

/** Confirms the run if whoever is logged in would still get in; else why it is not. */
async function doubtOf(product: Product, run: string, console: Console): Promise<string | null> {
  try {
    await confirmFrom(product, run, console.login(), SELF);
    return null;
  } catch (error) {
    return toProblem(error).message;
  }
}

export async function undo(product: Product, given: Arguments, console: Console): Promise<number> {
  const { yes, force = false } = given.values;
  if (given.values['unless-confirmed'] === true) return undoUnconfirmed(product, given, console);
  const say = sayer(given, console);
  const target =
    given.operand ?? (await product.book.list()).find((run) => run.verb === 'apply' && run.changed)?.id;
  if (target === undefined)
    throw new Problem(
      'not-found',
      phrase`There is no run that changed anything; there is nothing to put back.`,
    );
  if (yes !== true) {
    requireTerminal(console);
    console.err(print.runText(await product.book.run(target)));
    const edits = force ? await product.runner.lateEdits(target) : [];
    if (edits.length > 0)
      console.err(`${phrase`These later edits would be lost:`}\n${visible(diffsOf(edits))}\n`);
    if (!(await agreed(phrase`Put this back?`))) return 1;
  }
  const observe = observer(given, console);
  try {
    return await endOf(await product.runner.undo({ run: target, who: SELF, force, observe }), target, say);
  } catch (error) {
    return refused(error, say, { undoes: target });
  }
}

/** What the switch does: waits until the run is confirmed or due. Without a name it is about the run that waits. */
async function undoUnconfirmed(product: Product, given: Arguments, console: Console): Promise<number> {
  const { book, engine, runner } = product;
  const say = sayer(given, console);
  const run = given.operand ?? (await unconfirmed(product));
  const request = { who: SWITCH, force: true, unlessConfirmed: true, observe: observer(given, console) };
  try {
    const begun =
      run === null
        ? null
        : await standBy({ book, clock: engine.clock }, run, () => runner.undo({ ...request, run }));
    if (run !== null && begun !== null) return await endOf(begun, run, say);
    say({ run: null, undoes: run, state: 'not-needed', changed: false });
    return 0;
  } catch (error) {
    return refused(error, say, { undoes: run });
  }
}

/** The run that waits to be confirmed; null when none does. */
async function unconfirmed({ book }: Product): Promise<string | null> {
  return (await book.list()).find((run) => run.unconfirmed !== undefined)?.id ?? null;
}

async function endOf(
  { run, ended }: Awaited<ReturnType<Product['runner']['undo']>>,
  target: string,
  say: (result: Result) => void,
): Promise<number> {
  const ending = await ended;
  say({ run, undoes: target, ...ending });
  return ending.state === 'done' ? 0 : 4;
}

/** Asks the run at work, or the one that is named, to stop. */
export async function cancel(product: Product, given: Arguments, console: Console): Promise<number> {
  const run = given.operand ?? (await product.book.list()).find(({ state }) => state === 'running')?.id;
  if (run === undefined)
    throw new Problem('not-found', phrase`No run is at work; there is nothing to cancel.`);
  await product.runner.cancel(run, SELF);
  const { cancels = 1 } = await product.book.run(run);
  sayer(given, console)({ run, state: cancels > 1 ? 'ending' : 'cancelling' });
  return 0;
}

/** Keeps what a run changed. A person says so, and knows whether they can get in. */
export async function confirm(product: Product, given: Arguments, console: Console): Promise<number> {
  const run = given.operand ?? (await unconfirmed(product));
  if (run === null) throw new Problem('not-found', phrase`No run waits to be confirmed.`);
  await product.runner.confirm(run, SELF);
  sayer(given, console)({ run, state: 'confirmed' });
  return 0;
}

/** Says what was refused, and answers with the exit code. */
function refused(error: unknown, say: (result: Result) => void, about: Result): number {
  const { code, message, detail } = toProblem(error);
  const busy = code === 'busy';
  say({
    run: busy ? (detail ?? null) : null,
    ...about,
    state: busy ? 'busy' : 'refused',
    changed: false,
    problem: { code, message, ...(busy || detail === undefined || !('undoes' in about) ? {} : { detail }) },
  });
  return busy ? 5 : 1;
}

function sayer(given: Arguments, console: Console): (result: Result) => void {
  return (result) =>
    console.out(`${given.values.json === true ? JSON.stringify(result) : resultText(result)}\n`);
}

function observer(given: Arguments, console: Console): (event: RunEvent) => void {
  return (event) => {
    if (given.values.json === true) console.out(`${JSON.stringify(event)}\n`);
    else if (event.event === 'output') console.err(event.text);
    else console.err(`\n== ${event.step} ${event.state}: ${event.text}\n`);
  };
}

function requireTerminal(console: Console): void {
  if (console.isTerminal) return;
  throw new Problem('invalid', phrase`There is no terminal to ask for consent: add --yes.`);
}

async function agreed(question: string): Promise<boolean> {
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await prompt.question(`${question} [y/N] `)).trim());
  } finally {
    prompt.close();
  }
}

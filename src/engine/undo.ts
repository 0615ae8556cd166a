import { phrase } from '../core/phrase.ts';
import type { FirewallInverse, Plan, RunUndo, Step } from '../core/plan.ts';
import { Problem, toProblem } from '../core/problem.ts';
import { readChains } from '../firewall/chains.ts';
import { deleteCommands, findRule, insertCommands, type Command } from '../firewall/placing.ts';
import type { Chain } from '../firewall/ruleset.ts';
import { diffsOf, findConflict, findLateEdits } from './conflict.ts';
import type { Entry, RunLog, Saved } from './journal.ts';
import { takeLoginAway } from './lending.ts';
import { readRules } from './rules.ts';
import { runPatiently } from './patience.ts';
import type { EnginePorts } from './survey.ts';

/** A step that began, and what was saved before it. */
interface Begun {
  readonly step: Step;
  readonly saved: readonly Saved[];
  /** It never came to its end. */
  readonly cutOff: boolean;
}

/**
 * Takes back what a journal says was begun: all files first, then the commands that load them, the firewall last, so
 * that the FTP server never names a port that is closed. Goes on after a failure and reports what is left.
 * @param force puts saved files back over later edits too; what is lost by that is in the log
 * @returns null when everything is back, else a Problem that says what is not
 */
export async function takeBack(
  ports: EnginePorts,
  plan: Plan,
  entries: readonly Entry[],
  log: RunLog,
  force = false,
): Promise<Problem | null> {
  if (force) {
    const edits = await findLateEdits(ports, entries);
    if (edits.length > 0) log.say(phrase`# These later edits are lost:`);
    for (const line of diffsOf(edits).split('\n')) if (line !== '') log.say(line);
  } else {
    const conflict = await findConflict(ports, entries);
    if (conflict !== null) return conflict;
  }
  if (lentLogin(plan, entries)) await takeLoginAway(ports);
  const begun = begunSteps(plan, entries).reverse();
  const left = new Map<Step, Problem>();
  for (const { step, saved } of begun) {
    await attempt(left, step, async () => {
      for (const each of [...saved].reverse()) await ports.files.restore(each.path, each.copy);
    });
  }
  for (const { step, cutOff } of begun) {
    const undo = 'undo' in step ? step.undo : undefined;
    if (undo !== undefined) await attempt(left, step, () => runUndo(ports, undo, cutOff, log));
    const problem = left.get(step);
    const [state, message] =
      problem === undefined ? (['undone', step.title] as const) : (['left', problem.message] as const);
    log.step(step.id, state, message);
    // A disk that is full must not stop the way back; the ending tells that the journal is not whole.
    await attempt(left, step, () => log.journal({ at: 'step', step: step.id, state, message }));
  }
  if (left.size === 0) return null;
  const why = [...left.values()].map(({ message }) => message).join(' ');
  return new Problem('command-failed', phrase`Not everything could be put back: ${why}`);
}

/** Questions leave nothing behind. */
export function changesAnything(step: Step): boolean {
  return step.kind !== 'check' && step.kind !== 'probe';
}

/** Whether the run was cut off while it talked with the FTP server: then a login may still be there. */
function lentLogin({ steps }: Plan, entries: readonly Entry[]): boolean {
  return steps.some((step) => {
    if (!('question' in step) || step.question.ask !== 'transfer') return false;
    const states = entries.flatMap((each) => (each.at === 'step' && each.step === step.id ? each.state : []));
    return states.at(-1) === 'running';
  });
}

function begunSteps(plan: Plan, entries: readonly Entry[]): Begun[] {
  return plan.steps.flatMap((step): Begun[] => {
    const begin = entries.find(
      (entry) => entry.at === 'step' && entry.step === step.id && entry.state === 'running',
    );
    const back = entries.some(
      (entry) => entry.at === 'step' && entry.step === step.id && entry.state === 'undone',
    );
    if (begin?.at !== 'step' || begin.state !== 'running' || back || !changesAnything(step)) return [];
    const done = entries.find(
      (entry) => entry.at === 'step' && entry.step === step.id && entry.state === 'done',
    );
    if (done?.at !== 'step' || done.state !== 'done') return [{ step, saved: begin.saved, cutOff: true }];
    // The rest was right again when the program had ended, and may be somebody else's since.
    return [{ step, saved: begin.saved.filter(({ path }) => path in done.tags), cutOff: false }];
  });
}

async function attempt(left: Map<Step, Problem>, step: Step, what: () => Promise<void>): Promise<void> {
  try {
    await what();
  } catch (error) {
    left.set(step, toProblem(error));
  }
}

async function runUndo(ports: EnginePorts, undo: RunUndo, cutOff: boolean, log: RunLog): Promise<void> {
  if (undo.kind === 'firewall') return undoFirewall(ports, undo.inverse, log);
  const { whenCutOff } = undo;
  if (cutOff && whenCutOff !== undefined)
    await runOrThrow(ports, { argv: whenCutOff }, log, {}).catch((error: unknown) =>
      log.say(`# ${toProblem(error).message}`),
    );
  await runOrThrow(ports, { argv: undo.command }, log, {
    timeoutSeconds: undo.timeoutSeconds,
    tty: true,
    ...(undo.busyCode === undefined ? {} : { busyCode: undo.busyCode }),
  });
}

async function undoFirewall(ports: EnginePorts, inverse: FirewallInverse, log: RunLog): Promise<void> {
  const load = async (commands: readonly Command[]): Promise<void> => {
    for (const command of commands) await runOrThrow(ports, command, log, {});
  };
  // The last one first: a rule may have stood directly before another one that comes back too.
  for (const { next, ...rule } of [...inverse.restore].reverse()) {
    const chains = await chainsNow(ports);
    if (findRule(rule, rule.text, chains) !== null) continue;
    const before = next === null ? null : (findRule(rule, next, chains)?.index ?? null);
    await load(insertCommands(ports.tools, [{ ...rule, before }], chains));
  }
  await load(deleteCommands(ports.tools, inverse.remove, await chainsNow(ports)));
}

/** @throws Problem when the rules cannot be read */
async function chainsNow(ports: EnginePorts): Promise<readonly Chain[]> {
  const { ruleset, trouble } = await readRules(ports);
  if (trouble !== null && ruleset.nft === '') throw new Problem('command-failed', trouble);
  return readChains(ruleset);
}

async function runOrThrow(
  ports: EnginePorts,
  { argv, stdin }: Pick<Command, 'argv' | 'stdin'>,
  log: RunLog,
  options: { timeoutSeconds?: number; tty?: boolean; busyCode?: number },
): Promise<void> {
  log.say(`# ${argv.join(' ')}`);
  const { busyCode, ...given } = options;
  const result = await runPatiently(ports, argv, busyCode, {
    ...given,
    ...(stdin === undefined ? {} : { stdin }),
    onOutput: log.output,
  });
  if (result.code === 0) return;
  throw new Problem(
    'command-failed',
    phrase`${argv[0] ?? ''} failed with exit code ${result.code ?? phrase`none`}.`,
    result.stderr,
  );
}

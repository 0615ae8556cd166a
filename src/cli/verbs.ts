import { createInterface } from 'node:readline/promises';
import { isIpv4, isIpv6 } from '../core/address.ts';
import { allPass } from '../core/check.ts';
import { Problem, toProblem } from '../core/problem.ts';
import { parsePorts } from '../core/range.ts';
import { allOpen, type Family } from '../core/reach.ts';
import { planScript } from '../core/script.ts';
import { makePlan } from '../engine/planning.ts';
import { givenLogin } from '../engine/lending.ts';
import { readRules } from '../engine/rules.ts';
import { askTwin } from '../engine/survey.ts';
import { standing } from '../runs/standing.ts';
import type { RunEvent } from '../runs/runner.ts';
import type { Product } from '../runs/product.ts';
import { settingsFrom, type Arguments } from './arguments.ts';
import { diagnoseLog, type LogText } from './diagnose.ts';
import * as print from './print.ts';

/** Where a verb writes and asks: standard output and error, and a person at a terminal. */
export interface Console {
  out(text: string): void;
  err(text: string): void;
  readonly isTerminal: boolean;
  /** A log of at most `most` bytes. @param path null: standard input */
  readLog(path: string | null, most: number): Promise<LogText>;
  /** A line that is shown nowhere: typed without an echo, or the first of standard input. */
  askPassword(question: string): Promise<string>;
  /** Raised by Ctrl-C, by the end of the login and by a polite kill. */
  readonly cancel: AbortSignal;
}

const SELF = { user: 'root', address: 'local', via: 'cli' } as const;

/** Does a verb and answers with the exit code. @throws Problem */
export async function doVerb(product: Product, given: Arguments, console: Console): Promise<number> {
  const json = given.values.json === true;
  const show = (document: unknown, text: () => string): void =>
    console.out(json ? `${JSON.stringify(document)}\n` : text());
  const settings = settingsFrom(given, (await product.remembered()).settings);
  const { engine, book } = product;
  switch (given.verb) {
    case 'status': {
      const status = await standing(product, settings);
      show(status, () => print.statusText(status));
      return status.ok === null ? 3 : status.ok ? 0 : 1;
    }
    case 'check': {
      const status = await standing(product, settings);
      const worst =
        status.findings.find(({ level }) => level === 'bad') ??
        status.findings.find(({ level }) => level === 'warn');
      const [code, word] =
        status.ok === null
          ? [3, 'UNKNOWN']
          : worst === undefined
            ? [0, 'OK']
            : worst.level === 'bad'
              ? [2, 'CRITICAL']
              : [1, 'WARNING'];
      show(
        { state: word, finding: worst ?? null },
        () => `FTP-PASSIVE ${word}: ${worst?.title ?? 'passive FTP is set up right'}\n`,
      );
      return code;
    }
    case 'plan': {
      const plan = await makePlan(engine, settings);
      if (given.values.script === true) {
        const script = planScript(plan);
        show({ ...plan, script }, () => script);
      } else show(plan, () => print.planText(plan));
      return 0;
    }
    case 'verify': {
      const { login } = given.values;
      const checks = await product.runner.prove(
        settings,
        login === undefined ? null : givenLogin(login, await console.askPassword(`Password of ${login}: `)),
      );
      const ok = allPass(checks);
      show({ ok, checks }, () => print.checksText(checks));
      return ok === null ? 3 : ok ? 0 : 1;
    }
    case 'apply':
      return apply(product, given, console, settings);
    case 'undo':
      return undo(product, given, console);
    case 'reach':
      return reach(product, given, show);
    case 'runs': {
      const runs = await book.list();
      show(runs, () => print.runsText(runs));
      return 0;
    }
    case 'show': {
      const run = await book.run(given.operand ?? '');
      show(run, () => print.runText(run));
      return 0;
    }
    case 'diagnose':
      return diagnoseLog(given, {
        ...console,
        isTyped: console.isTerminal,
        status: (range = settings.range) => standing(product, { ...settings, range }),
      });
    case 'serve':
      throw new Problem('internal', 'serve is not a verb of this console.');
  }
}

async function reach(
  product: Product,
  given: Arguments,
  show: (document: unknown, text: () => string) => void,
): Promise<number> {
  const { engine } = product;
  const ports = parsePorts(given.operand ?? '');
  const { from, ipv4, ipv6 } = given.values;
  if (from !== undefined && !isIpv4(from) && !isIpv6(from)) {
    throw new Problem('invalid', `--from "${from}" is not an address: write an IPv4 or IPv6 address.`);
  }
  const own: Family | null = from === undefined ? null : isIpv4(from) ? 'ipv4' : 'ipv6';
  if ((own === 'ipv4' && ipv6 === true) || (own === 'ipv6' && ipv4 === true)) {
    throw new Problem(
      'invalid',
      `--from ${from ?? ''} is of the other family: leave --${own === 'ipv4' ? 'ipv6' : 'ipv4'} out.`,
    );
  }
  const asked = (['ipv4', 'ipv6'] as const).filter((family) => {
    if (own !== null) return family === own;
    return ipv4 === ipv6 || (family === 'ipv4' ? ipv4 === true : ipv6 === true);
  });
  const both = await askTwin(engine, await readRules(engine), (twin) => twin.ask(ports, asked, from));
  const reaches = Object.fromEntries(asked.map((family) => [family, both[family]]));
  show(reaches, () => print.reachText(reaches));
  const answers = Object.values(reaches).map((each) => (each === undefined ? null : allOpen(each)));
  return answers.includes(false) ? 1 : answers.includes(null) ? 3 : 0;
}

async function apply(
  product: Product,
  given: Arguments,
  console: Console,
  settings: ReturnType<typeof settingsFrom>,
): Promise<number> {
  const json = given.values.json === true;
  const say = (result: Record<string, unknown>): void =>
    console.out(json ? `${JSON.stringify(result)}\n` : `${resultText(result)}\n`);
  if (given.values.yes !== true) requireTerminal(console);
  try {
    let planId: string | undefined;
    if (given.values.yes !== true) {
      const plan = await makePlan(product.engine, settings);
      console.err(print.planText(plan));
      if (!plan.empty && !(await agreed('Do this?'))) throw new Problem('interrupted', 'You said no.');
      planId = plan.id;
    }
    const started = await product.runner.apply({
      settings,
      who: SELF,
      ...(planId === undefined ? {} : { planId }),
      observe: observer(json, console),
      cancel: console.cancel,
    });
    if (started === null) {
      say({ run: null, state: 'nothing-to-do', changed: false });
      return 0;
    }
    const ending = await started.ended;
    say({ run: started.run, ...ending });
    return ending.state === 'done' ? 0 : ending.state === 'undone' ? 1 : 4;
  } catch (error) {
    const { code, message, detail } = toProblem(error);
    const busy = code === 'busy';
    say({
      run: busy ? (detail ?? null) : null,
      state: busy ? 'busy' : 'refused',
      changed: false,
      problem: { code, message },
    });
    return busy ? 5 : 1;
  }
}

async function undo(product: Product, given: Arguments, console: Console): Promise<number> {
  const json = given.values.json === true;
  const target =
    given.operand ?? (await product.book.list()).find((run) => run.verb === 'apply' && run.changed)?.id;
  if (target === undefined)
    throw new Problem('not-found', 'There is no run that changed anything; there is nothing to put back.');
  if (given.values.yes !== true) {
    requireTerminal(console);
    console.err(print.runText(await product.book.run(target)));
    if (!(await agreed('Put this back?'))) return 1;
  }
  const say = (result: Record<string, unknown>): void =>
    console.out(json ? `${JSON.stringify(result)}\n` : `${resultText(result)}\n`);
  try {
    const started = await product.runner.undo(target, SELF, observer(json, console));
    const ending = await started.ended;
    say({ run: started.run, undoes: target, ...ending });
    return ending.state === 'done' ? 0 : 4;
  } catch (error) {
    const { code, message, detail } = toProblem(error);
    const busy = code === 'busy';
    const problem = { code, message, ...(detail === undefined ? {} : { detail }) };
    say({
      run: busy ? (detail ?? null) : null,
      undoes: target,
      state: busy ? 'busy' : 'refused',
      changed: false,
      problem,
    });
    return busy ? 5 : 1;
  }
}

function observer(json: boolean, console: Console): (event: RunEvent) => void {
  return (event) => {
    if (json) console.out(`${JSON.stringify(event)}\n`);
    else if (event.event === 'output') console.err(event.text);
    else console.err(`\n== ${event.step} ${event.state}: ${event.text}\n`);
  };
}

function resultText(result: Record<string, unknown>): string {
  const problem = result['problem'] as { message: string; detail?: string } | undefined;
  const words: Record<string, string> = {
    done: 'unproven' in result ? 'Done, but not all of it could be proven.' : 'Done and proven.',
    undone: 'It failed, and everything was put back.',
    failed: 'It failed, and not everything could be put back.',
    'nothing-to-do':
      'Nothing needs to be done: this server already has these settings. "ftp-passive status" says what else was found.',
    busy: 'Another run is at work.',
    refused: 'Refused; nothing was changed.',
  };
  const state = String(result['state']);
  const head =
    'undoes' in result && state === 'done'
      ? 'Everything is as it was before the run.'
      : (words[state] ?? state);
  return [
    head,
    ...(problem === undefined
      ? []
      : [problem.message, ...(problem.detail === undefined ? [] : [problem.detail])]),
  ].join('\n');
}

function requireTerminal(console: Console): void {
  if (console.isTerminal) return;
  throw new Problem('invalid', 'There is no terminal to ask for consent: add --yes.');
}

async function agreed(question: string): Promise<boolean> {
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await prompt.question(`${question} [y/N] `)).trim());
  } finally {
    prompt.close();
  }
}

import { selfcheck } from '../assumptions/selfcheck.ts';
import { isIpv4, isIpv6 } from '../core/address.ts';
import { allPass } from '../core/check.ts';
import { Problem } from '../core/problem.ts';
import { parsePorts } from '../core/range.ts';
import { allOpen, type Family } from '../core/reach.ts';
import { planScript } from '../core/script.ts';
import { makePlan } from '../engine/planning.ts';
import { givenLogin } from '../engine/lending.ts';
import { askReach } from '../engine/asked.ts';
import { standing } from '../runs/standing.ts';
import type { Product } from '../runs/product.ts';
import type { Visitor } from '../engine/way-in.ts';
import { settingsFrom, type Arguments } from './arguments.ts';
import { apply, cancel, confirm, undo } from './changes.ts';
import { checkAnswer } from './check.ts';
import { diagnoseLog, type LogText } from './diagnose.ts';
import { ensureRight } from './ensure.ts';
import { grant } from './grant.ts';
import { proveOutside } from './outside.ts';
import * as print from './print.ts';
import { selfcheckExit, selfcheckText } from './selfcheck.ts';
import { watch } from './watch.ts';

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
  /** Raised when one of these that a person sends comes a second time. */
  readonly end: AbortSignal;
  /** Whether an empty line is entered before `until` is raised. */
  entered(until: AbortSignal): Promise<boolean>;
  /** Where the person is logged in from; null at the machine itself. */
  login(): Visitor | null;
}

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
      const { code, document, line } = checkAnswer(status, settings);
      show(document, () => line);
      return code;
    }
    case 'ensure':
      return ensureRight(product, given, console);
    case 'watch':
      return watch(product, given, (text) => console.out(text));
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
    case 'cancel':
      return cancel(product, given, console);
    case 'confirm':
      return confirm(product, given, console);
    case 'reach':
      return reach(product, given, show);
    case 'outside':
      return proveOutside(product, json, console);
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
    case 'selfcheck': {
      const outcome = await selfcheck(engine);
      show(outcome, () => selfcheckText(outcome));
      return selfcheckExit(outcome);
    }
    case 'grant':
      return grant(product, given, show);
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
  const reaches = await askReach(engine, { ports, from: from ?? null }, asked);
  show(reaches, () => print.reachText(reaches));
  const answers = Object.values(reaches).map(allOpen);
  return answers.includes(false) ? 1 : answers.includes(null) ? 3 : 0;
}

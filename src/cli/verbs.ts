import { selfcheck } from '../assumptions/selfcheck.ts';
import { allPass } from '../core/check.ts';
import { phrase } from '../core/phrase.ts';
import { Problem } from '../core/problem.ts';
import { planScript } from '../core/script.ts';
import { makePlan } from '../engine/planning.ts';
import { givenLogin } from '../engine/lending.ts';
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

/** Does a verb other than `reach` and `serve`, and answers with the exit code. @throws Problem */
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
        login === undefined
          ? null
          : givenLogin(login, await console.askPassword(phrase`Password of ${login}: `)),
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
    case 'reach':
    case 'serve':
      throw new Problem('internal', phrase`${given.verb} is not a verb of this console.`);
  }
}

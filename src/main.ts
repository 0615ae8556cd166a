import { phrase } from './core/phrase.ts';
import { Problem, toProblem } from './core/problem.ts';
import { parseArguments, USAGE, type Arguments } from './cli/arguments.ts';
import { entered } from './cli/entered.ts';
import type { Console } from './cli/verbs.ts';
import { isBehindTerminal, isTerminal } from './system/foreground.ts';
import { readLogText } from './system/log-text.ts';
import { sshLogin } from './system/login.ts';
import { askPassword } from './system/password.ts';

const EXIT_USAGE = 2;
const EXIT_FAILED = 1;
const EXIT_UNKNOWN = 3;

/**
 * An apply that is told to end finishes its step and puts everything back; told again by a person, it ends the step's
 * program first. A login that ends may say so several times, which is not a second wish. An undo goes on to its end.
 */
function hearSignals(): Pick<Console, 'cancel' | 'end'> {
  const [cancel, end] = [new AbortController(), new AbortController()];
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    let heard = 0;
    process.on(signal, () => {
      heard += 1;
      cancel.abort();
      if (heard > 1 && signal !== 'SIGHUP') end.abort();
    });
  }
  return { cancel: cancel.signal, end: end.signal };
}

const never = new AbortController().signal;

const terminal: Omit<Console, 'cancel' | 'end'> = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  isTerminal: isTerminal(),
  readLog: readLogText,
  askPassword,
  // The kernel would stop a process behind its terminal that reads from there.
  entered: isBehindTerminal() ? () => Promise.resolve(false) : entered,
  login: sshLogin,
};

/** Files that cPanel's scripts make while a run goes on get their usual modes, whatever umask this was started with. */
const UMASK = 0o022;

async function main(argv: readonly string[]): Promise<number> {
  if (argv.includes('--help') || argv[0] === 'help') {
    terminal.out(USAGE);
    return 0;
  }
  let given: Arguments;
  try {
    given = parseArguments(argv);
  } catch (error) {
    return complain(error, argv.includes('--json'), EXIT_USAGE);
  }
  const reads = ['status', 'check', 'verify', 'reach', 'outside', 'diagnose', 'selfcheck'].includes(
    given.verb,
  );
  try {
    if (process.getuid?.() !== 0)
      throw new Problem('access-denied', phrase`This can only be told and done by root: run it as root.`);
    // Node reads all that is imported at each start: only what a verb needs.
    if (given.verb === 'reach') {
      const { reach } = await import('./wiring-reach.ts');
      return await reach(given, terminal.out);
    }
    if (given.verb === 'serve') {
      const { serve } = await import('./wiring-serve.ts');
      await serve();
      return 0;
    }
    const console: Console = {
      ...terminal,
      ...(['apply', 'undo', 'ensure', 'outside'].includes(given.verb)
        ? hearSignals()
        : { cancel: never, end: never }),
    };
    const { verb } = await import('./wiring-verbs.ts');
    return await verb(given, console);
  } catch (error) {
    const problem = toProblem(error);
    // A monitoring system reads standard output and the exit code.
    if (given.verb === 'check' && given.values.json !== true)
      terminal.out(`FTP-PASSIVE UNKNOWN: ${problem.message}\n`);
    return complain(
      problem,
      given.values.json === true,
      problem.code === 'invalid' ? EXIT_USAGE : reads ? EXIT_UNKNOWN : EXIT_FAILED,
    );
  }
}

function complain(error: unknown, json: boolean, exit: number): number {
  const { code, message } = toProblem(error);
  if (json) terminal.out(`${JSON.stringify({ problem: { code, message } })}\n`);
  terminal.err(`ftp-passive: ${message}\n`);
  return exit;
}

process.umask(UMASK);
// A reader that went away must not end a run in its middle.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
process.exitCode = await main(process.argv.slice(2));

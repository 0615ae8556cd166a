import { accessSync, constants, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { phrase } from '../core/phrase.ts';
import { Problem } from '../core/problem.ts';
import type { CommandOptions, CommandResult } from '../engine/ports.ts';
import { runOnPipes } from './pipes.ts';
import { findProgram, PERL } from './programs.ts';
import { runInTerminal } from './pty.ts';
import type { TreeMark } from './tree.ts';

const DEFAULT_TIMEOUT_SECONDS = 30;

/** Nothing of the caller's environment is inherited: secrets of the web server end here. */
export const CLEAN_ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
  HOME: '/root',
  TERM: 'xterm-256color',
};

/** The clean environment with the mark by which what the command starts is known. */
export function environmentWith({ name, value }: TreeMark): Record<string, string> {
  return { ...CLEAN_ENVIRONMENT, [name]: value };
}

/** Whether `path` is a regular file that may be run. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

export function missingResult(argv: readonly string[]): CommandResult {
  const stderr = phrase`${argv[0] ?? ''} is not here or cannot be run`;
  return { argv, code: null, signal: null, stdout: '', stderr, missing: true, timedOut: false, ms: 0 };
}

/**
 * Runs a program, through a terminal when asked to and where one can be had. The program is named by its absolute path.
 * @throws Problem `invalid` for an argument that no program can be given
 */
export async function runCommand(
  argv: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const [program] = argv;
  if (argv.some((argument) => argument.includes('\0')))
    throw new Problem(
      'invalid',
      phrase`A program cannot be given an argument with a NUL byte in it; leave it out.`,
    );
  if (program === undefined || !program.startsWith('/') || !isExecutable(program)) return missingResult(argv);
  const started = options.wordy === true ? gathered(argv) : argv;
  const timeoutMs = (options.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1000;
  return options.tty === true
    ? runInTerminal(argv, timeoutMs, options)
    : { ...(await runOnPipes(started, timeoutMs, options)), argv };
}

/** The build lays it beside the compiled file. */
const GATHER = fileURLToPath(new URL('gather.pl', import.meta.url));

function gathered(argv: readonly string[]): readonly string[] {
  const perl = findProgram(PERL);
  return isExecutable(perl) ? [perl, GATHER, ...argv] : argv;
}

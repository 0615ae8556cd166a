import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { Problem } from '../core/problem.ts';
import type { CommandOptions, CommandResult } from '../engine/ports.ts';
import { keepOutput } from './kept.ts';
import { setLimit, type Limit } from './limit.ts';
import { runInTerminal } from './pty.ts';
import { quiet } from './quiet.ts';
import { newTreeMark, type TreeMark } from './tree.ts';

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
  const stderr = `${argv[0] ?? ''} is not here or cannot be run`;
  return { argv, code: null, signal: null, stdout: '', stderr, missing: true, timedOut: false, ms: 0 };
}

/**
 * Runs a program, through a terminal when asked to. The program is named by its absolute path.
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
      'A program cannot be given an argument with a NUL byte in it; leave it out.',
    );
  if (program === undefined || !program.startsWith('/') || !isExecutable(program)) return missingResult(argv);
  const timeoutMs = (options.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1000;
  return options.tty === true
    ? runInTerminal(argv, timeoutMs, options)
    : runOnPipes(argv, timeoutMs, options);
}

function runOnPipes(
  argv: readonly string[],
  timeoutMs: number,
  options: CommandOptions,
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const started = performance.now();
    const mark = newTreeMark();
    const child = spawn(argv[0] ?? '', argv.slice(1), {
      cwd: '/',
      env: environmentWith(mark),
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const stdout = keepOutput(options.onOutput);
    const stderr = keepOutput(options.onOutput);
    let limit: Limit | null = null;
    if (child.pid !== undefined) limit = setLimit(child.pid, mark, argv, timeoutMs, options);
    let over = Promise.resolve(false);
    child.stdout.on('data', (bytes: Buffer) => stdout.add(bytes));
    child.stderr.on('data', (bytes: Buffer) => stderr.add(bytes));
    child.on('error', () => {
      void limit?.over();
      resolve(missingResult(argv));
    });
    child.on('exit', () => {
      over = limit?.over() ?? over;
      // A daemon that it left behind may hold its output open for ever.
      void quiet(() => stdout.heard() + stderr.heard()).then(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      });
    });
    child.on('close', (code, signal) => {
      void over.then((timedOut) => {
        resolve({
          argv,
          code,
          signal,
          stdout: stdout.text(),
          stderr: stderr.text(),
          missing: false,
          timedOut,
          ms: performance.now() - started,
        });
      });
    });
    // A program that does not read its input closes it: that is its right, and its exit code tells the rest.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.stdin ?? '');
  });
}

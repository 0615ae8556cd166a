import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { Problem } from '../core/problem.ts';
import type { CommandOptions, CommandResult } from '../engine/ports.ts';
import { runInTerminal } from './pty.ts';
import { quiet } from './quiet.ts';

const DEFAULT_TIMEOUT_SECONDS = 30;
/**
 * What is kept of a program's output for the result; the recording has it all. Lists of sets with every network of some
 * countries are several megabytes long, and half of one would make another firewall of it.
 */
const KEEP_BYTES = 64 * 1024 * 1024;
const KILL_AFTER_MS = 5000;

/** Nothing of the caller's environment is inherited: secrets of the web server end here. */
export const CLEAN_ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
  HOME: '/root',
  TERM: 'xterm-256color',
};

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
    ? runInTerminal(argv, timeoutMs, options.onOutput)
    : runOnPipes(argv, timeoutMs, options);
}

/** Collects output up to a cap, telling a listener all of it. `heard`: how many bytes there were. */
export function collect(onOutput?: (bytes: Uint8Array) => void): {
  add(bytes: Buffer): void;
  heard(): number;
  text(): string;
} {
  const chunks: Buffer[] = [];
  let heard = 0;
  return {
    add(bytes) {
      onOutput?.(bytes);
      if (heard < KEEP_BYTES) chunks.push(bytes);
      heard += bytes.length;
    },
    heard: () => heard,
    text: () => Buffer.concat(chunks).toString('utf8'),
  };
}

function runOnPipes(
  argv: readonly string[],
  timeoutMs: number,
  options: CommandOptions,
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const started = performance.now();
    const child = spawn(argv[0] ?? '', argv.slice(1), {
      cwd: '/',
      env: CLEAN_ENVIRONMENT,
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const stdout = collect(options.onOutput);
    const stderr = collect(options.onOutput);
    let timedOut = false;
    const limit = setTimeout(() => {
      timedOut = true;
      endTree(child.pid);
    }, timeoutMs);
    child.stdout.on('data', (bytes: Buffer) => stdout.add(bytes));
    child.stderr.on('data', (bytes: Buffer) => stderr.add(bytes));
    child.on('error', () => {
      clearTimeout(limit);
      resolve(missingResult(argv));
    });
    child.on('exit', () => {
      clearTimeout(limit);
      // A daemon that it left behind may hold its output open for ever.
      void quiet(() => stdout.heard() + stderr.heard()).then(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      });
    });
    child.on('close', (code, signal) => {
      const ms = performance.now() - started;
      resolve({
        argv,
        code,
        signal,
        stdout: stdout.text(),
        stderr: stderr.text(),
        missing: false,
        timedOut,
        ms,
      });
    });
    // A program that does not read its input closes it: that is its right, and its exit code tells the rest.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.stdin ?? '');
  });
}

/** Ends a process group: asked first, killed after five seconds. */
export function endTree(pid: number | undefined): void {
  if (pid === undefined) return;
  signalGroup(pid, 'SIGTERM');
  setTimeout(() => signalGroup(pid, 'SIGKILL'), KILL_AFTER_MS).unref();
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has already ended.
  }
}

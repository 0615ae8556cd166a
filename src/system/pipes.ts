import { spawn } from 'node:child_process';
import type { CommandOptions, CommandResult } from '../engine/ports.ts';
import { environmentWith, missingResult } from './exec.ts';
import { keepOutput } from './kept.ts';
import { setLimit, type Limit } from './limit.ts';
import { quiet } from './quiet.ts';
import { newTreeMark } from './tree.ts';

/** Runs a program with a pipe for each of its output and its errors. */
export function runOnPipes(
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

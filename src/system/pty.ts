import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { constants as system } from 'node:os';
import type { IPty } from '@lydell/node-pty';
import type { CommandResult } from '../engine/ports.ts';
import { CLEAN_ENVIRONMENT, collect, DRAIN_LIMIT_MS, endTree } from './exec.ts';

/** Loaded with the first terminal: the native module is not needed by anything that only reads. */
const require = createRequire(import.meta.url);

export const COLUMNS = 120;
export const ROWS = 30;

const LOOK_EVERY_MS = 5;
/**
 * Nobody types here: each read of a program that asks for something gets an end of file, as from an empty input.
 * On an empty line a terminal takes each of these characters for one.
 */
const NO_INPUT = '\x04'.repeat(32);

/** UnixTerminal has this getter; the package's typings leave it out. */
type UnixPty = IPty & { readonly ptsName: string };

/**
 * Runs a program on a terminal and loses none of its output.
 *
 * node-pty stops reading when the child's side closes, and with it goes the end of a fast command's output. So this
 * side keeps the child's end of the terminal open, sees the child end by itself, and then writes a mark into that
 * end: a terminal keeps the order of what is written to it, so when the mark arrives all output has.
 */
export async function runInTerminal(
  argv: readonly string[],
  timeoutMs: number,
  onOutput?: (bytes: Uint8Array) => void,
): Promise<CommandResult> {
  const pty = require('node-pty') as typeof import('@lydell/node-pty');
  const started = performance.now();
  const terminal = pty.spawn(argv[0] ?? '', argv.slice(1), {
    cwd: '/',
    cols: COLUMNS,
    rows: ROWS,
    name: CLEAN_ENVIRONMENT['TERM'] ?? '',
    env: CLEAN_ENVIRONMENT,
    encoding: null,
  }) as UnixPty;
  const childEnd = openSync(terminal.ptsName, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  terminal.write(NO_INPUT);
  const output = collect(onOutput);
  let timedOut = false;
  const limit = setTimeout(() => {
    timedOut = true;
    endTree(terminal.pid);
  }, timeoutMs);

  const exited = new Promise<{ exitCode: number; signal?: number | undefined }>((resolve) => {
    terminal.onExit(resolve);
  });
  const drained = drainToMark(terminal, output.add.bind(output));
  await childGone(terminal.pid);
  await drained.mark(childEnd);
  closeSync(childEnd);
  const { exitCode, signal } = await exited;
  clearTimeout(limit);
  return {
    argv,
    code: signal === undefined || signal === 0 ? exitCode : null,
    signal: signal === undefined || signal === 0 ? null : signalName(signal),
    stdout: output.text(),
    stderr: '',
    missing: false,
    timedOut,
    ms: performance.now() - started,
  };
}

function signalName(signal: number): string {
  const known = Object.entries(system.signals).find(([, number]) => number === signal);
  return known?.[0] ?? `signal ${signal}`;
}

async function childGone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

/** Passes the terminal's output on, and can wait for everything before now. */
function drainToMark(
  terminal: UnixPty,
  add: (bytes: Buffer) => void,
): { mark: (childEnd: number) => Promise<void> } {
  const mark = Buffer.from(`\x00${randomBytes(12).toString('hex')}\x00`);
  let marking = false;
  let held = Buffer.alloc(0);
  let arrived: () => void = () => undefined;
  // With `encoding: null` the data are Buffers, whatever the typings say.
  terminal.onData((data: unknown) => {
    const bytes = data as Buffer;
    if (!marking) {
      add(bytes);
      return;
    }
    held = Buffer.concat([held, bytes]);
    const at = held.indexOf(mark);
    if (at < 0) {
      const sure = Math.max(0, held.length - mark.length);
      if (sure > 0) add(held.subarray(0, sure));
      held = held.subarray(sure);
      return;
    }
    add(held.subarray(0, at));
    held = held.subarray(at + mark.length);
    arrived();
  });
  return {
    async mark(childEnd) {
      const done = new Promise<void>((resolve) => {
        arrived = resolve;
        setTimeout(resolve, DRAIN_LIMIT_MS).unref();
      });
      marking = true;
      let rest = mark;
      const until = performance.now() + DRAIN_LIMIT_MS;
      while (rest.length > 0 && performance.now() < until) {
        try {
          rest = rest.subarray(writeSync(childEnd, rest));
        } catch {
          // The terminal's buffer is full of output that is being read: try again on a later turn.
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      }
      await done;
      if (held.length > 0) add(held);
    },
  };
}

import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { constants as system } from 'node:os';
import type { IPty } from '@lydell/node-pty';
import { phrase } from '../core/phrase.ts';
import type { CommandOptions, CommandResult } from '../engine/ports.ts';
import { CLEAN_ENVIRONMENT, environmentWith } from './exec.ts';
import { keepOutput } from './kept.ts';
import { setLimit } from './limit.ts';
import { runWithoutTerminal } from './no-terminal.ts';
import { quiet } from './quiet.ts';
import { newTreeMark, type TreeMark } from './tree.ts';
import { openTurns } from './turn.ts';

type Terminals = typeof import('@lydell/node-pty');

/** Loaded with the first terminal: the native module is not needed by anything that only reads. */
const load = (): Terminals => createRequire(import.meta.url)('node-pty') as Terminals;

/** Loads what a terminal needs, while there is time; where that cannot be, the first command on one meets the reason. */
export function prepareTerminals(): void {
  try {
    load();
  } catch {
    return;
  }
}

export const COLUMNS = 120;
export const ROWS = 30;

/** Between two looks whether a command has ended: a fiftieth of its time until then, so that hardly any is lost. */
const LOOK_SHARE = 0.02;
const SHORTEST_LOOK_MS = 1;
const LONGEST_LOOK_MS = 5;
/**
 * Nobody types here: each read of a program that asks for something gets an end of file, as from an empty input.
 * On an empty line a terminal takes each of these characters for one.
 */
const NO_INPUT = '\x04'.repeat(32);

/** UnixTerminal has these; the package's typings leave them out. */
type UnixPty = IPty & {
  readonly ptsName: string;
  readonly fd: number;
  readonly _socket: { destroy: () => unknown };
};

/**
 * Runs a program on a terminal and loses none of its output.
 *
 * node-pty stops reading when the child's side closes, and a fifth of a second after the child has ended at the latest;
 * with that goes the end of a fast command's output. So this side keeps both ends of the terminal open, sees the child
 * end by itself, and then writes a mark into the child's end: a terminal keeps the order of what is written to it, so
 * when the mark arrives all output has.
 *
 * Where the native module cannot be loaded, or the system gives no terminal, the program runs on pipes.
 */
export async function runInTerminal(
  argv: readonly string[],
  timeoutMs: number,
  options: Pick<CommandOptions, 'onOutput' | 'end'> = {},
  terminals: () => Terminals = load,
): Promise<CommandResult> {
  const started = performance.now();
  const mark = newTreeMark();
  const terminal = startOn(terminals, argv, mark);
  if (typeof terminal === 'string') return runWithoutTerminal(argv, timeoutMs, options, terminal);
  const limit = setLimit(terminal.pid, mark, argv, timeoutMs, options);
  const childEnd = openSync(terminal.ptsName, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  const letGo = holdOpen(terminal._socket);
  terminal.write(NO_INPUT);
  const output = keepOutput(options.onOutput);

  const exited = new Promise<{ exitCode: number; signal?: number | undefined }>((resolve) => {
    terminal.onExit(resolve);
  });
  const drained = drainToMark(terminal, output);
  await childGone(terminal.pid, started);
  const timedOut = await limit.over();
  await drained.mark(childEnd);
  closeSync(childEnd);
  letGo();
  const { exitCode, signal } = await exited;
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

/** The program on its terminal, or the first line of what stands against that. */
function startOn(terminals: () => Terminals, argv: readonly string[], mark: TreeMark): UnixPty | string {
  try {
    return terminals().spawn(argv[0] ?? '', argv.slice(1), {
      cwd: '/',
      cols: COLUMNS,
      rows: ROWS,
      name: CLEAN_ENVIRONMENT['TERM'] ?? '',
      env: environmentWith(mark),
      encoding: null,
    }) as UnixPty;
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
  }
}

/** Puts off the end of a socket until it is let go. */
function holdOpen(socket: { destroy: () => unknown }): () => void {
  const destroy = socket.destroy.bind(socket);
  let wanted = false;
  socket.destroy = () => (wanted = true);
  return () => {
    socket.destroy = destroy;
    if (wanted) destroy();
  };
}

function signalName(signal: number): string {
  const known = Object.entries(system.signals).find(([, number]) => number === signal);
  return known?.[0] ?? phrase`signal ${signal}`;
}

async function childGone(pid: number, started: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    const share = (performance.now() - started) * LOOK_SHARE;
    const look = Math.min(Math.max(share, SHORTEST_LOOK_MS), LONGEST_LOOK_MS);
    await new Promise((resolve) => setTimeout(resolve, look));
  }
}

/** Passes the terminal's output on, and can wait for everything before now. */
function drainToMark(
  terminal: UnixPty,
  { add, heard }: { add(bytes: Buffer): void; heard(): number },
): { mark: (childEnd: number) => Promise<void> } {
  const mark = Buffer.from(`\x00${randomBytes(12).toString('hex')}\x00`);
  let marking = false;
  let held = Buffer.alloc(0);
  let arrived: () => void = () => undefined;
  const turn = openTurns(terminal.fd);
  // With `encoding: null` the data are Buffers, whatever the typings say.
  terminal.onData((data: unknown) => {
    const bytes = turn(data as Buffer);
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
      const arrival = new Promise<void>((resolve) => (arrived = resolve));
      marking = true;
      let givenUp = false;
      const sent = async (): Promise<void> => {
        let rest = mark;
        while (rest.length > 0 && !givenUp) {
          try {
            rest = rest.subarray(writeSync(childEnd, rest));
          } catch {
            // The terminal's buffer is full of output that is being read: try again on a later turn.
            await new Promise((resolve) => setTimeout(resolve, 1));
          }
        }
        await arrival;
      };
      // It never arrives on a terminal that someone has stopped.
      await Promise.race([sent(), quiet(heard)]);
      givenUp = true;
      if (held.length > 0) add(held);
    },
  };
}

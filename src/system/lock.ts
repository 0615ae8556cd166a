import { readFileSync } from 'node:fs';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod/mini';
import { Problem } from '../core/problem.ts';
import { makeDirectory } from './directory.ts';
import { readProcess } from './process.ts';
import { fileProblem } from './refusal.ts';

const holderShape = z.object({ pid: z.number(), started: z.string(), boot: z.string(), run: z.string() });

export interface Lock {
  /** @throws Problem `busy` */
  take(run: string): Promise<() => Promise<void>>;
  holder(): Promise<string | null>;
}

/**
 * One lock for the daemon and the command line: a file that names the process which holds it. A process number comes
 * round again, so the process's start and the boot are part of its name; a holder that is dead loses the lock.
 *
 * The file appears with its content, by a link, so that nobody reads half a name and takes it for a dead one.
 */
export function openLock(path: string): Lock {
  return {
    holder: () => living(path),
    async take(run) {
      const own = `${path}.${run}`;
      const self = { pid: process.pid, started: processStart(process.pid), boot: bootId(), run };
      try {
        await makeDirectory(dirname(path));
        await writeFile(own, JSON.stringify(self), { mode: 0o600 });
        if (!(await linked(own, path))) {
          await removeDead(path, own);
          if (!(await linked(own, path))) {
            const holder = await living(path);
            throw holder === null ? justBegun() : busy(holder);
          }
        }
      } catch (error) {
        throw fileProblem('write', path, error);
      } finally {
        await rm(own, { force: true });
      }
      return () => rm(path, { force: true });
    },
  };
}

/** The run whose living process is named in the file. */
async function living(path: string): Promise<string | null> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const parsed = holderShape.safeParse(parseJson(text));
  if (!parsed.success) return null;
  const { pid, started, boot, run } = parsed.data;
  return boot === bootId() && started === processStart(pid) ? run : null;
}

/**
 * Takes away what a dead holder left. One taker at a time does it and looks again before it does: else a slow one
 * would take away what a quick one has just put there.
 */
async function removeDead(path: string, own: string): Promise<void> {
  const turn = `${path}.turn`;
  if (!(await linked(own, turn))) {
    const holder = await living(path);
    if (holder !== null) throw busy(holder);
    if ((await living(turn)) !== null) throw justBegun();
    await rm(turn, { force: true });
    if (!(await linked(own, turn))) throw justBegun();
  }
  try {
    const holder = await living(path);
    if (holder !== null) throw busy(holder);
    await rm(path, { force: true });
  } finally {
    await rm(turn, { force: true });
  }
}

/** Whether `path` could be made as another name of `own`: false when it is there already. */
async function linked(own: string, path: string): Promise<boolean> {
  try {
    await link(own, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

function busy(holder: string): Problem {
  return new Problem('busy', `Run ${holder} is at work; try again when it has ended.`, holder);
}

function justBegun(): Problem {
  return new Problem('busy', 'Another run has just begun; try again when it has ended.');
}

function processStart(pid: number): string {
  return String(readProcess(pid)?.started ?? 'gone');
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

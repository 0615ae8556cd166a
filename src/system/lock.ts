import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod/mini';
import { phrase } from '../core/phrase.ts';
import { Problem } from '../core/problem.ts';
import { makeDirectory } from './directory.ts';
import { readProcess } from './process.ts';
import { errorCode, fileProblem } from './refusal.ts';

/** A lock that was there and is gone was released; no lock is that often, but a link to nowhere looks like it. */
const MOST_TURNS = 1000;
const TURN_MS = 2;

const holderShape = z.object({ pid: z.number(), started: z.string(), boot: z.string(), run: z.string() });

export interface Lock {
  /** @throws Problem `busy` that names the run which holds it */
  take(run: string): Promise<() => Promise<void>>;
  holder(): Promise<string | null>;
}

/**
 * One lock for the daemon and the command line: a file that names the process which holds it. A process number comes
 * round again, so the process's start and the boot are part of its name; a holder that is dead loses the lock.
 *
 * The file appears with its content, by a link, so that nobody reads half a name and takes it for a dead one, and
 * whoever comes too late is always told who was first.
 */
export function openLock(path: string): Lock {
  /** Whether the lock is there only because the disk refused to take it away. */
  let stuck = false;
  return {
    holder: async () => livingRun((await readText(path).catch(() => null)) ?? ''),
    async take(run) {
      const started = processStart(process.pid);
      const own = `${path}.${process.pid}-${started}.${run}`;
      try {
        await makeDirectory(dirname(path));
        if (stuck) await rm(path, { force: true });
        stuck = false;
        await writeFile(own, JSON.stringify({ pid: process.pid, started, boot: bootId(), run }), {
          mode: 0o600,
        });
        await claim(path, own, path);
        // The lock is ours already; what is beside it harms nobody.
        await sweep(path, own).catch(() => undefined);
      } catch (error) {
        throw fileProblem('write', path, error);
      } finally {
        await rm(own, { force: true }).catch(() => undefined);
      }
      return async () => {
        // How the run ended is to be told all the same.
        await rm(path, { force: true }).catch(() => (stuck = true));
      };
    },
  };
}

/**
 * Makes `target` another name of `own`, in the place of a dead holder too. Who follows a dead holder is decided by a
 * file that only one can make, named for that holder; it then takes the dead one's place by a rename, which frees its
 * name in the same moment. So whoever has that file and still finds the dead holder is the only one who may do it.
 *
 * @throws Problem `busy` when a living process has it
 */
async function claim(target: string, own: string, path: string): Promise<void> {
  for (let turn = 1; !(await linked(own, target)); turn++) {
    const found = await readText(target);
    const run = livingRun(found ?? '');
    if (run !== null && (target === path || turn > MOST_TURNS))
      throw new Problem('busy', phrase`Run ${run} is at work; try again when it has ended.`, run);
    if (turn > MOST_TURNS)
      throw new Problem('access-denied', phrase`${target} is no lock that can be read; take it away.`);
    // Whoever follows a dead one has done so in a moment, or finds that somebody else has.
    if (run !== null) await sleep(TURN_MS);
    if (found === null || run !== null) continue;
    const heir = `${path}.after-${createHash('sha256').update(found).digest('hex').slice(0, 16)}`;
    await claim(heir, own, path);
    if ((await readText(target)) === found) {
      await rename(heir, target);
      return;
    }
    // A slow one: somebody has followed already, and is found by the next look.
    await rm(heir, { force: true });
  }
}

/** Takes away what takers that were killed have left beside the lock. */
async function sweep(path: string, own: string): Promise<void> {
  const begin = `${basename(path)}.`;
  for (const name of await readdir(dirname(path))) {
    const beside = join(dirname(path), name);
    if (!name.startsWith(begin) || beside === own) continue;
    // What a living process writes has no content yet: its name tells whose it is.
    const taker = /^(\d+)-(\d+)\./.exec(name.slice(begin.length));
    const lives =
      taker === null
        ? livingRun((await readText(beside)) ?? '') !== null
        : processStart(Number(taker[1])) === taker[2];
    if (!lives) await rm(beside, { force: true });
  }
}

/** The run that the text of a lock names, when its process lives. */
function livingRun(text: string): string | null {
  const parsed = holderShape.safeParse(parseJson(text));
  if (!parsed.success) return null;
  const { pid, started, boot, run } = parsed.data;
  return boot === bootId() && started === processStart(pid) ? run : null;
}

/** Whether `path` could be made as another name of `own`: false when it is there already. */
async function linked(own: string, path: string): Promise<boolean> {
  try {
    await link(own, path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
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

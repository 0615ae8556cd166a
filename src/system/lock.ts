import { readFileSync } from 'node:fs';
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod/mini';
import { Problem } from '../core/problem.ts';

const holderShape = z.object({ pid: z.number(), started: z.string(), boot: z.string(), run: z.string() });

export interface Lock {
  /** @throws Problem `busy` */
  take(run: string): Promise<() => Promise<void>>;
  holder(): Promise<string | null>;
}

/**
 * One lock for the daemon and the command line: a file that names the process which holds it. A process number comes
 * round again, so the process's start and the boot are part of its name; a holder that is dead loses the lock.
 */
export function openLock(path: string): Lock {
  const living = async (): Promise<string | null> => {
    const text = await readFile(path, 'utf8').catch(() => '');
    const parsed = holderShape.safeParse(parseJson(text));
    if (!parsed.success) return null;
    const { pid, started, boot, run } = parsed.data;
    return boot === bootId() && started === processStart(pid) ? run : null;
  };
  return {
    holder: living,
    async take(run) {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const self = { pid: process.pid, started: processStart(process.pid), boot: bootId(), run };
      for (let attempt = 0; attempt < 2; attempt++) {
        const handle = await open(path, 'wx', 0o600).catch((error: unknown) => {
          if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return null;
          throw error;
        });
        if (handle !== null) {
          await handle.writeFile(JSON.stringify(self));
          await handle.close();
          return () => rm(path, { force: true });
        }
        const holder = await living();
        if (holder !== null)
          throw new Problem('busy', `Run ${holder} is at work; try again when it has ended.`, holder);
        await rm(path, { force: true });
      }
      throw new Problem('busy', 'Another run has just begun; try again when it has ended.');
    },
  };
}

function processStart(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return 'gone';
  }
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

import { appendFileSync } from 'node:fs';
import { mkdir, open, readdir, readFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Shelf } from '../runs/shelf.ts';
import { openLock } from './lock.ts';

/** Keeps runs below a directory that only root can enter. */
export function openShelf(root: string): Shelf {
  const runs = join(root, 'runs');
  const lock = openLock(join(root, 'lock'));
  const journal = (run: string): string => join(runs, run, 'journal.jsonl');
  const recording = (run: string): string => join(runs, run, 'recording.cast');
  return {
    async create(run) {
      await mkdir(join(runs, run), { recursive: true, mode: 0o700 });
    },
    async list() {
      const entries = await readdir(runs, { withFileTypes: true }).catch(() => []);
      return entries
        .filter((entry) => entry.isDirectory())
        .map((entry) => entry.name)
        .sort();
    },
    async addToJournal(run, line) {
      const handle = await open(journal(run), 'a+', 0o600);
      try {
        // What a power cut left of a last line must not swallow this one.
        const torn = await endsTorn(handle);
        await handle.writeFile(`${torn ? '\n' : ''}${line}\n`);
        await handle.sync();
      } finally {
        await handle.close();
      }
    },
    readJournal: (run) => readFile(journal(run), 'utf8').catch(() => null),
    addToRecording(run, text) {
      try {
        appendFileSync(recording(run), text, { mode: 0o600 });
      } catch {
        // A full disk costs the recording and not the run: its journal must be written, and says so.
      }
    },
    async readRecording(run, offset, most) {
      const handle = await open(recording(run), 'r').catch(() => null);
      if (handle === null) return Buffer.alloc(0);
      try {
        const { bytesRead, buffer } = await handle.read(Buffer.alloc(most), 0, most, offset);
        return buffer.subarray(0, bytesRead);
      } finally {
        await handle.close();
      }
    },
    copyPath: (run, step, index) => join(runs, run, 'originals', `${step}-${index}`),
    lock: (run) => lock.take(run),
    holder: () => lock.holder(),
  };
}

async function endsTorn(handle: FileHandle): Promise<boolean> {
  const { size } = await handle.stat();
  if (size === 0) return false;
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer.toString() !== '\n';
}

import { appendFileSync } from 'node:fs';
import { mkdir, open, readdir, readFile } from 'node:fs/promises';
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
      const handle = await open(journal(run), 'a', 0o600);
      try {
        await handle.writeFile(`${line}\n`);
        await handle.sync();
      } finally {
        await handle.close();
      }
    },
    readJournal: (run) => readFile(journal(run), 'utf8').catch(() => null),
    addToRecording: (run, text) => appendFileSync(recording(run), text, { mode: 0o600 }),
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

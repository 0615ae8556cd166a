import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import { lstat, open, readdir, readFile, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Shelf } from '../runs/shelf.ts';
import { makeDirectory, syncDirectory } from './directory.ts';
import { outlastLeftBehind } from './left-behind.ts';
import { openLock } from './lock.ts';
import { fileProblem } from './refusal.ts';

const NEWLINE = Buffer.from('\n');

/** Keeps runs below a directory that only root can enter. */
export function openShelf(root: string): Shelf {
  const runs = join(root, 'runs');
  const lock = openLock(join(root, 'lock'));
  const journal = (run: string): string => join(runs, run, 'journal.jsonl');
  const recording = (run: string): string => join(runs, run, 'recording.cast');
  const torn = new Set<string>();
  /** Bytes of the recordings that were begun here and never torn. */
  const lengths = new Map<string, number>();
  /** The recording that was added to last stays open: to open a file takes longer than to add a line to it. */
  let last: { readonly run: string; readonly descriptor: number } | null = null;

  const opened = (run: string): number => {
    if (last?.run !== run) {
      letGo();
      last = { run, descriptor: openSync(recording(run), 'a', 0o600) };
    }
    return last.descriptor;
  };
  const letGo = (): void => {
    if (last !== null) closeSync(last.descriptor);
    last = null;
  };
  return {
    async create(run) {
      const path = join(runs, run);
      try {
        await makeDirectory(path);
        lengths.set(run, 0);
      } catch (error) {
        // It may be there although its name could not be put on disk.
        await rm(path, { recursive: true, force: true }).catch(() => undefined);
        throw fileProblem('write', path, error);
      }
    },
    async list() {
      const entries = await readdir(runs, { withFileTypes: true }).catch(() => []);
      return entries
        .filter((entry) => entry.isDirectory())
        .map((entry) => entry.name)
        .sort();
    },
    async addToJournal(run, line) {
      try {
        await addLine(journal(run), line);
      } catch (error) {
        throw fileProblem('write', journal(run), error);
      }
    },
    readJournal: (run) => readFile(journal(run), 'utf8').catch(() => null),
    stampOf(run) {
      const stat = statSync(journal(run), { bigint: true, throwIfNoEntry: false });
      return stat === undefined ? null : `${stat.ino} ${stat.size} ${stat.mtimeNs}`;
    },
    addToRecording(run, line) {
      // A part of a line that had no room must not swallow the next one.
      const bytes = torn.has(run) ? Buffer.concat([NEWLINE, line]) : line;
      try {
        writeWhole(opened(run), bytes);
        torn.delete(run);
      } catch {
        // A full disk costs the recording and not the run: its journal must be written, and says so.
        torn.add(run);
        lengths.delete(run);
      }
      const offset = lengths.get(run);
      if (offset === undefined) return null;
      lengths.set(run, offset + bytes.length);
      return { offset, bytes };
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
    size: (run) => sizeBelow(join(runs, run)),
    async remove(run) {
      lengths.delete(run);
      if (last?.run === run) letGo();
      // First its journal: a run that is half gone must not be taken for one that can be put back.
      await rm(journal(run), { force: true });
      await rm(join(runs, run), { recursive: true, force: true });
    },
    async lock(run) {
      const release = await lock.take(run);
      await outlastLeftBehind();
      return release;
    },
    holder: () => lock.holder(),
  };
}

function writeWhole(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
}

async function addLine(path: string, line: string): Promise<void> {
  const handle = await open(path, 'a+', 0o600);
  try {
    const { size } = await handle.stat();
    // What a power cut left of a last line must not swallow this one.
    const torn = size > 0 && (await endsTorn(handle, size));
    try {
      await handle.writeFile(`${torn ? '\n' : ''}${line}\n`);
    } catch (error) {
      await handle.truncate(size).catch(() => undefined);
      throw error;
    }
    await handle.sync();
    if (size === 0) await syncDirectory(dirname(path));
  } finally {
    await handle.close();
  }
}

async function sizeBelow(path: string): Promise<number> {
  const names = await readdir(path, { recursive: true }).catch(() => []);
  const sizes = names.map((name) =>
    lstat(join(path, name)).then(
      ({ size }) => size,
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

async function endsTorn(handle: FileHandle, size: number): Promise<boolean> {
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer.toString() !== '\n';
}

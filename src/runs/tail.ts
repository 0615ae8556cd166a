import type { Book } from './book.ts';
import type { Shelf } from './shelf.ts';

/** A run of this process wakes its followers at once; one of another process is looked at this often. */
const LOOK_EVERY_MS = 100;
/** What a follower gets in one piece. */
export const PIECE_BYTES = 256 * 1024;

/** Reads recordings while they grow. Followers read the file at their own pace, so none can slow a run. */
export interface Tail {
  follow(run: string, offset: number, signal: AbortSignal): AsyncIterable<Uint8Array>;
  read(run: string, offset: number): Promise<{ bytes: Uint8Array; next: number; ended: boolean }>;
  /** Tells followers of this process that a recording grew. */
  grew(run: string): void;
}

export function openTail(shelf: Shelf, book: Book): Tail {
  const waiting = new Map<string, Set<() => void>>();

  const read: Tail['read'] = async (run, offset) => {
    // Asked before the bytes are read: a run that has ended writes no more.
    const { state } = await book.run(run);
    const bytes = await shelf.readRecording(run, offset, PIECE_BYTES);
    return { bytes, next: offset + bytes.length, ended: state !== 'running' && bytes.length < PIECE_BYTES };
  };

  const growth = (run: string, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const wakers = waiting.get(run) ?? new Set();
      waiting.set(run, wakers);
      const wake = (): void => {
        clearTimeout(timer);
        wakers.delete(wake);
        if (wakers.size === 0) waiting.delete(run);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, LOOK_EVERY_MS);
      wakers.add(wake);
      signal.addEventListener('abort', wake);
    });

  async function* follow(run: string, offset: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    let at = offset;
    while (!signal.aborted) {
      const { bytes, next, ended } = await read(run, at);
      at = next;
      if (bytes.length > 0) yield bytes;
      else if (ended) return;
      else await growth(run, signal);
    }
  }

  return {
    follow,
    read,
    grew(run) {
      for (const wake of [...(waiting.get(run) ?? [])]) wake();
    },
  };
}

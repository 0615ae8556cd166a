import { openAudience, type Audience } from './audience.ts';
import type { Book } from './book.ts';
import { openRecent, type Recent } from './recent.ts';
import type { Piece, Shelf } from './shelf.ts';

/** A run of another process is looked at this often. */
const LOOK_EVERY_MS = 100;
/** A run of this process wakes its followers, at its end too; this is for an end that nobody told of. */
const DOUBT_MS = 2000;
/** What a follower gets in one piece from the file. */
export const PIECE_BYTES = 256 * 1024;

/**
 * Reads recordings while they grow. A follower that keeps up gets what was just written, the same bytes for all; one
 * that does not reads the file at its own pace. So none can slow a run, and none costs memory.
 */
export interface Tail {
  follow(run: string, offset: number, signal: AbortSignal): AsyncIterable<Uint8Array>;
  read(run: string, offset: number): Promise<{ bytes: Uint8Array; next: number; ended: boolean }>;
  /**
   * Tells followers of this process that a recording grew, and by what, where that is known. Without a piece: whatever
   * there is more is in the file, and whether there will be more is to be asked.
   */
  grew(run: string, piece?: Piece | null): void;
}

export function openTail(shelf: Shelf, book: Book): Tail {
  const audiences = new Map<string, Audience>();
  const recents = new Map<string, Recent>();

  const read: Tail['read'] = async (run, offset) => {
    // Asked before the bytes are read: a run that has ended writes no more.
    const { state } = await book.run(run);
    const bytes = await shelf.readRecording(run, offset, PIECE_BYTES);
    return { bytes, next: offset + bytes.length, ended: state !== 'running' && bytes.length < PIECE_BYTES };
  };

  async function* follow(run: string, offset: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const audience = audiences.get(run) ?? openAudience();
    audiences.set(run, audience);
    const sleeper = audience.join();
    signal.addEventListener('abort', sleeper.leave);
    const gone = (): boolean => signal.aborted;
    try {
      let at = offset;
      let told = true;
      while (!gone()) {
        const fresh = recents.get(run)?.since(at) ?? null;
        if (fresh !== null && fresh.length > 0) {
          at += fresh.length;
          yield fresh;
          continue;
        }
        if (fresh === null || !told) {
          // A run that this process writes goes on, unless there is doubt: only its bytes are wanted.
          const { bytes, ended } =
            told && recents.has(run)
              ? { bytes: await shelf.readRecording(run, at, PIECE_BYTES), ended: false }
              : await read(run, at);
          at += bytes.length;
          if (bytes.length > 0) yield bytes;
          else if (ended) return;
          told = true;
          // More may have come meanwhile.
          if (bytes.length > 0 || (recents.get(run)?.since(at)?.length ?? 0) > 0) continue;
        }
        if (gone()) return;
        told = await sleeper.sleep(fresh === null ? LOOK_EVERY_MS : DOUBT_MS);
      }
    } finally {
      signal.removeEventListener('abort', sleeper.leave);
      sleeper.leave();
      if (audience.size() === 0) audiences.delete(run);
    }
  }

  return {
    follow,
    read,
    grew(run, piece = null) {
      if (piece === null) recents.delete(run);
      else {
        const recent = recents.get(run) ?? openRecent();
        recents.set(run, recent);
        recent.add(piece);
      }
      audiences.get(run)?.wake();
    },
  };
}

import { openAudience, type Audience } from './audience.ts';
import type { Book } from './book.ts';
import { openRecent, type Recent } from './recent.ts';
import type { Piece, Shelf } from './shelf.ts';

/** A run of another process is looked at this often. */
const LOOK_EVERY_MS = 100;
/** A run of this process wakes its followers, at its end too; this is for an end that nobody told of. */
const DOUBT_MS = 2000;
/**
 * What is kept at hand: for one who keeps up more than comes while it is at work, and for each more of them what comes
 * in the time by which their turns are put off (audience.ts). More would only grow old.
 */
const AT_HAND_BYTES = 128 * 1024;
const AT_HAND_EACH_BYTES = 24 * 1024;
/** What a follower gets in one piece from the file. */
export const PIECE_BYTES = 256 * 1024;

/**
 * Reads recordings while they grow. A follower that keeps up gets what was just written, the same bytes for all; one
 * that does not reads the file at its own pace. So none can slow a run, and none costs memory.
 */
export interface Tail {
  /**
   * @param give takes what is written while nothing else waits for the follower, at that moment: a line is soon there
   *   that way. False: it has enough for now, and is given the next by the iterator.
   */
  follow(run: string, offset: number, signal: AbortSignal, give?: Give): AsyncIterable<Uint8Array>;
  read(run: string, offset: number): Promise<{ bytes: Uint8Array; next: number; ended: boolean }>;
  /**
   * Tells followers of this process that a recording grew, and by what, where that is known. Without a piece: whatever
   * there is more is in the file, and whether there will be more is to be asked.
   */
  grew(run: string, piece?: Piece | null): void;
}

export type Give = (bytes: Uint8Array) => boolean;

export function openTail(shelf: Shelf, book: Book): Tail {
  const audiences = new Map<string, Audience>();
  const recents = new Map<string, Recent>();

  const read: Tail['read'] = async (run, offset) => {
    // Asked before the bytes are read: a run that has ended writes no more.
    const { state } = await book.run(run);
    const bytes = await shelf.readRecording(run, offset, PIECE_BYTES);
    return { bytes, next: offset + bytes.length, ended: state !== 'running' && bytes.length < PIECE_BYTES };
  };

  async function* follow(
    run: string,
    offset: number,
    signal: AbortSignal,
    give?: Give,
  ): AsyncGenerator<Uint8Array> {
    const audience = audiences.get(run) ?? openAudience();
    audiences.set(run, audience);
    const sleeper = audience.join();
    signal.addEventListener('abort', sleeper.leave);
    const gone = (): boolean => signal.aborted;
    try {
      let at = offset;
      let told = true;
      let enough = give === undefined;
      const serve = (): boolean => {
        const fresh = recents.get(run)?.since(at) ?? null;
        if (enough || fresh === null || fresh.length === 0) return false;
        at += fresh.length;
        try {
          enough = give?.(fresh) !== true;
        } catch {
          // Whoever writes must not come to harm by it; the follower meets the reason with the next piece.
          enough = true;
        }
        return !enough;
      };
      while (!gone()) {
        const fresh = recents.get(run)?.since(at) ?? null;
        if (fresh !== null && fresh.length > 0) {
          at += fresh.length;
          yield fresh;
          enough = give === undefined;
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
        told = await sleeper.sleep(fresh === null ? LOOK_EVERY_MS : DOUBT_MS, serve);
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
      const audience = audiences.get(run);
      if (piece === null) recents.delete(run);
      else {
        const recent = recents.get(run) ?? openRecent();
        recents.set(run, recent);
        recent.add(piece, AT_HAND_BYTES + (audience?.size() ?? 0) * AT_HAND_EACH_BYTES);
      }
      audience?.wake();
    },
  };
}

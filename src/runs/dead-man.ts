import { Problem } from '../core/problem.ts';
import type { Clock } from '../engine/ports.ts';
import type { Book } from './book.ts';
import { secondsLeft, type RunState } from './record.ts';
import type { Started } from './runner.ts';

/** How long a run that made a firewall load its rules anew stays unconfirmed before it is put back. */
export const UNDO_AFTER_SECONDS = 120;
const LOOK_EVERY_MS = 1000;
const TRIES = 5;
const AGAIN_MS = 15_000;

/** Something outside this process that puts a run back although this process is gone. */
export interface DeadMan {
  /** @throws Problem when nothing can be armed */
  arm(run: string, seconds: number): Promise<void>;
  /** Takes away what was armed. What cannot be taken away finds by itself that nothing is to be done. */
  disarm(run: string): Promise<void>;
}

/**
 * Waits until a run is confirmed, or until it has to be put back, and then does that. It waits for whoever is at work;
 * a holder that died is no reason to wait. What fails is tried again, since nobody may be able to get in and do it.
 * @param putBack begins it. @throws Problem `busy` while a run is at work
 * @returns null when there was nothing to put back
 */
export async function standBy(
  { book, clock }: { readonly book: Pick<Book, 'run'>; readonly clock: Clock },
  run: string,
  putBack: () => Promise<Started>,
): Promise<Started | null> {
  let seen: RunState | null = null;
  let due = Infinity;
  for (let left = TRIES; ;) {
    const record = await book.run(run);
    if (record.unconfirmed === undefined) return null;
    if (record.state !== seen) {
      seen = record.state;
      // Counted on by a clock that nobody sets.
      const seconds = secondsLeft(record, clock.now());
      due = seconds === null ? Infinity : clock.elapsed() + seconds * 1000;
    }
    if (clock.elapsed() >= due) {
      const begun = await unlessBusy(putBack);
      if (begun !== null) {
        left -= 1;
        if ((await begun.ended).state === 'done' || left === 0) return begun;
        await clock.sleep(AGAIN_MS);
      }
    }
    await clock.sleep(LOOK_EVERY_MS);
  }
}

async function unlessBusy(putBack: () => Promise<Started>): Promise<Started | null> {
  try {
    return await putBack();
  } catch (error) {
    if (error instanceof Problem && error.code === 'busy') return null;
    throw error;
  }
}

import { phrase } from '../core/phrase.ts';

const PATIENCE = 10_000;
const AGAIN = 3000;
/** A page that takes longer than this to come is not on its way any more. */
const ON_THE_WAY = 30_000;

/** Loads the page anew as soon as that does no harm. `say` hears what it waits for. */
export type Reload = (say: (words: string) => void) => Promise<void>;

/**
 * Waits for a page that the person has asked for, whose place this one would take, and until the server answers: a
 * browser that cannot reach it would show a page of its own instead.
 */
export function createReload(sleep: (milliseconds: number) => Promise<void>): Reload {
  let left = Number.NEGATIVE_INFINITY;
  addEventListener('beforeunload', () => {
    left = performance.now();
  });
  const onTheWay = (): number => left + ON_THE_WAY - performance.now();
  return async (say) => {
    for (;;) {
      const reached = await isReached();
      const wait = onTheWay();
      if (reached && wait <= 0) break;
      if (!reached)
        say(
          phrase`The server cannot be reached now. A run that cuts you off is put back by itself; trying again.`,
        );
      await sleep(Math.max(wait, AGAIN));
    }
    location.reload();
  };
}

/** Whether anything answers. What it says is for the person to see. */
async function isReached(): Promise<boolean> {
  try {
    const response = await fetch(location.href, { cache: 'no-store', signal: AbortSignal.timeout(PATIENCE) });
    await response.arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

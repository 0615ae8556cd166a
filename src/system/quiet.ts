import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';

/** Nothing came for this long: whoever still holds the other end has no more to say. */
const QUIET_MS = 1500;
/** Someone who goes on talking is a daemon, and not the program that was waited for. */
const LIMIT_MS = 30_000;

/**
 * Resolves when nothing more was heard for a while. A process that was held up has not listened meanwhile, so it
 * takes in what is there before it believes the silence.
 *
 * @param heard how much has come until now
 */
export async function quiet(heard: () => number): Promise<void> {
  const until = performance.now() + LIMIT_MS;
  for (let before = -1; before !== heard() && performance.now() < until;) {
    before = heard();
    await sleep(QUIET_MS, undefined, { ref: false });
    await turn();
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { phrase } from '../core/phrase.ts';
import { Problem, toProblem } from '../core/problem.ts';
import { openLock } from './lock.ts';

const LOOK_MS = 10;
const LIMIT_MS = 10_000;

/**
 * Lets one work at a time be done, over all processes; the next one waits for its turn.
 * @param path of the lock
 * @throws Problem `busy` where its turn does not come within ten seconds
 */
export function exclusiveBy(path: string, limitMs = LIMIT_MS): <T>(work: () => Promise<T>) => Promise<T> {
  const lock = openLock(path);
  let last: Promise<unknown> = Promise.resolve();

  async function take(): Promise<() => Promise<void>> {
    const until = performance.now() + limitMs;
    for (;;) {
      try {
        return await lock.take('change');
      } catch (error) {
        if (toProblem(error).code !== 'busy') throw error;
        if (performance.now() > until)
          throw new Problem('busy', phrase`Another change is at work; try again when it has ended.`);
      }
      await sleep(LOOK_MS);
    }
  }

  return (work) => {
    // In this process the turns are kept without the disk.
    const done = last.then(async () => {
      const release = await take();
      return work().finally(release);
    });
    last = done.catch(() => undefined);
    return done;
  };
}

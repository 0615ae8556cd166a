import { phrase } from '../core/phrase.ts';
import { Problem } from '../core/problem.ts';

/** Each proof costs a look at the server and two copies of its rules. Milliseconds. */
const EVERY = 60_000;

/** Lets each person begin one proof a minute. @param now milliseconds */
export function openPace(now: () => number): (user: string | null) => void {
  const begun = new Map<string | null, number>();
  return (user) => {
    for (const [each, at] of begun) if (Math.abs(now() - at) >= EVERY) begun.delete(each);
    const last = begun.get(user);
    if (last !== undefined) {
      const seconds = Math.ceil((last + EVERY - now()) / 1000);
      throw new Problem(
        'busy',
        phrase`You began a test less than a minute ago; begin the next in ${seconds} seconds.`,
      );
    }
    begun.set(user, now());
  };
}

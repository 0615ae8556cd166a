import { phrase } from '../core/phrase.ts';

/** What the server said to a page that asked to keep a run. `again`: not now. `refused`: WHM lets nobody in. */
export type Answer =
  { readonly kept: true } | { readonly kept: false; readonly why: string } | 'again' | 'refused';

export interface ConfirmingParts {
  readonly ask: () => Promise<Answer>;
  readonly say: (words: string) => void;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

const AGAIN = 5000;
/** Longer than any run waits. */
const TRIES = 60;

/**
 * Confirms a run by itself: that this request arrives shows that the server can still be reached. The server asks its
 * firewall too, since a browser may send it over a connection that was open before. A firewall can be mended meanwhile,
 * so a refusal is not the last word.
 * @returns whether it is kept
 */
export async function confirmItself({ ask, say, sleep }: ConfirmingParts): Promise<boolean> {
  say(phrase`Asking the server whether you would still get in.`);
  for (let tries = 0; tries < TRIES; tries++) {
    const answer = await ask();
    if (answer === 'refused') {
      say(phrase`WHM does not let this page in any more; log in again and confirm the run there.`);
      return false;
    }
    if (answer === 'again') say(phrase`The server cannot be reached now, or is at work. Trying again.`);
    else if (answer.kept) return true;
    else say(phrase`${answer.why} This page asks again every ${AGAIN / 1000} seconds.`);
    await sleep(AGAIN);
  }
  return false;
}

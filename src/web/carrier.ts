import { phrase } from '../core/phrase.ts';
import type { Feed } from './feed.ts';

/**
 * How a carrier came to its end. `ended`: the run is over and all was brought. `again`: its time was over, and it works
 * (a lease ran out, WHM was asked long enough). `broken`: it stopped; it may work again. `unusable`: it does not work here. `refused`: WHM or
 * the product does not let this person in any more.
 */
export type Outcome = 'ended' | 'again' | 'broken' | 'unusable' | 'refused';

/** A way to bring a recording's bytes to the page. `words` say which one, for people. */
export interface Carrier {
  readonly words: string;
  /**
   * Calls `working` once it is known to reach the product. One that could go on for ever asks `enough` now and then
   * and gives way with `again`, so that a better one is tried.
   */
  carry(feed: Feed, working: () => void, enough: () => boolean): Promise<Outcome>;
}

/** What following looks like from outside. */
export interface FollowParts {
  readonly feed: Feed;
  /** The best first. The last one is asked again and again, with growing pauses. */
  readonly carriers: readonly Carrier[];
  /** Shows which carrier is in use, or what is being waited for. */
  readonly say: (words: string) => void;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Milliseconds, from any beginning. */
  readonly now: () => number;
}

const LONGEST_PAUSE = 30_000;
/** A better carrier is tried again after this, and then after ever longer: each try costs a moment without output. */
const FIRST_RETURN = 30_000;
const LONGEST_RETURN = 10 * 60_000;

/**
 * Follows a run to its end, from carrier to carrier: down when one does not work, and up again when one that was given
 * up might. Resolves with `ended` or `refused`.
 */
export async function follow(parts: FollowParts): Promise<'ended' | 'refused'> {
  const { feed, carriers, say, sleep, now } = parts;
  let at = 0;
  let failures = 0;
  let patience = FIRST_RETURN;
  let since = now();
  const enough = (): boolean => at > 0 && now() - since >= patience;
  while (!feed.ended) {
    const carrier = carriers[at];
    if (!carrier) throw new Error('A run cannot be followed without a carrier.');
    const before = feed.offset;
    const outcome = await carrier.carry(feed, () => say(carrier.words), enough);
    if (outcome === 'refused') return 'refused';
    if (outcome === 'ended') feed.end();
    if (outcome === 'ended') continue;
    if (outcome === 'again' || feed.offset > before) failures = 0;
    if (outcome === 'again' && enough()) {
      at = 0;
      since = now();
      patience = Math.min(patience * 2, LONGEST_RETURN);
    }
    if (outcome === 'again' || (outcome === 'broken' && feed.offset > before)) continue;
    if (at < carriers.length - 1) at++;
    else {
      say(phrase`The connection is lost. The run goes on; trying again.`);
      await sleep(Math.min(1000 * 2 ** failures++, LONGEST_PAUSE));
    }
  }
  return 'ended';
}

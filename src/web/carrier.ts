import type { Feed } from './feed.ts';

/**
 * How a carrier came to its end. `ended`: the run is over and all was brought. `again`: ask the same carrier again
 * (a lease ran out). `broken`: it stopped; it may work again. `unusable`: it does not work here. `refused`: WHM or
 * the product does not let this person in any more.
 */
export type Outcome = 'ended' | 'again' | 'broken' | 'unusable' | 'refused';

/** A way to bring a recording's bytes to the page. `words` say which one, for people. */
export interface Carrier {
  readonly words: string;
  /** Calls `working` once it is known to reach the product. */
  carry(feed: Feed, working: () => void): Promise<Outcome>;
}

/** What following looks like from outside. */
export interface FollowParts {
  readonly feed: Feed;
  /** The best first. The last one is asked again and again, with growing pauses. */
  readonly carriers: readonly Carrier[];
  /** Shows which carrier is in use, or what is being waited for. */
  readonly say: (words: string) => void;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

const LONGEST_PAUSE = 30_000;

/** Follows a run to its end, from carrier to carrier. Resolves with `ended` or `refused`. */
export async function follow({ feed, carriers, say, sleep }: FollowParts): Promise<'ended' | 'refused'> {
  let at = 0;
  let failures = 0;
  while (!feed.ended) {
    const carrier = carriers[at];
    if (!carrier) throw new Error('A run cannot be followed without a carrier.');
    const before = feed.offset;
    const outcome = await carrier.carry(feed, () => say(carrier.words));
    if (outcome === 'refused') return 'refused';
    if (outcome === 'ended') feed.end();
    if (outcome === 'ended' || outcome === 'again') continue;
    if (feed.offset > before) failures = 0;
    if (outcome === 'broken' && feed.offset > before) continue;
    if (at < carriers.length - 1) at++;
    else {
      say('The connection is lost. The run goes on; trying again.');
      await sleep(Math.min(1000 * 2 ** failures++, LONGEST_PAUSE));
    }
  }
  return 'ended';
}

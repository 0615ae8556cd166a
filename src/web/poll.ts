import { phrase } from '../core/phrase.ts';
import type { Carrier } from './carrier.ts';
import { fetchEvents, type Place } from './place.ts';

/** An answer of this size was cut short by the server's own limit: there is more to fetch at once. */
const MUCH = 128 * 1024;

/** Asks every second for what is new. Works wherever a page works. */
export function createPoll(place: Place, sleep: (milliseconds: number) => Promise<void>): Carrier {
  return {
    words: phrase`Output comes through WHM, asked for every second.`,
    async carry(feed, working, enough) {
      while (!feed.ended) {
        const answer = await fetchEvents(place, feed.offset);
        if (answer === 'refused' || answer === 'broken') return answer;
        working();
        feed.offer(answer.offset, answer.bytes);
        if (answer.ended && feed.offset >= answer.offset + answer.bytes.length) return 'ended';
        if (enough()) return 'again';
        if (answer.bytes.length < MUCH) await sleep(1000);
      }
      return 'ended';
    },
  };
}

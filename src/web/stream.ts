import { phrase } from '../core/phrase.ts';
import type { Carrier, Outcome } from './carrier.ts';
import type { Feed } from './feed.ts';
import { eventsAddress, fetchEvents, fetchPart, isRecording, isRefusal, type Place } from './place.ts';

const FIRST_DOUBT = 1500;
const LONGEST_DOUBT = 15_000;

/**
 * One long answer through WHM. Something on the way may hold it back until it is whole; silence alone does not tell,
 * because commands are silent too. So after a while of silence the recording is asked directly: if it has bytes that
 * the stream did not bring, the stream is being held back and is given up.
 */
export function createStream(place: Place): Carrier {
  return {
    words: phrase`Output comes live through WHM.`,
    async carry(feed, working) {
      const stop = new AbortController();
      const outcome = await Promise.race([
        pump(place, feed, working, stop.signal),
        doubt(place, feed, stop.signal),
      ]);
      stop.abort();
      return outcome;
    },
  };
}

async function pump(place: Place, feed: Feed, working: () => void, signal: AbortSignal): Promise<Outcome> {
  let at = feed.offset;
  try {
    const response = await fetchPart(eventsAddress(place, at, false), signal);
    if (isRefusal(response.status)) return 'refused';
    if (!response.ok || !isRecording(response) || !response.body) return 'unusable';
    const reader = response.body.getReader();
    for (;;) {
      const value: unknown = (await reader.read()).value;
      if (signal.aborted) return 'unusable';
      if (!(value instanceof Uint8Array)) break;
      working();
      feed.offer(at, value);
      at += value.length;
    }
  } catch {
    return 'broken';
  }
  if (feed.ended) return 'ended';
  const answer = await fetchEvents(place, feed.offset);
  if (answer === 'broken' || answer === 'refused') return answer;
  feed.offer(answer.offset, answer.bytes);
  return answer.ended ? 'ended' : 'again';
}

/** Resolves only when the stream is found to be held back or dead, or when the person is refused. */
async function doubt(place: Place, feed: Feed, signal: AbortSignal): Promise<Outcome> {
  let pause = FIRST_DOUBT;
  for (;;) {
    const before = feed.offset;
    await new Promise((resolve) => setTimeout(resolve, pause));
    if (signal.aborted) return 'unusable';
    if (feed.offset > before) continue;
    const answer = await fetchEvents(place, before);
    // A firewall can swallow an open connection; the stream would then be silent for ever.
    if (answer === 'refused' || answer === 'broken') return answer;
    if (answer.bytes.length > 0 && feed.offset === before) {
      feed.offer(answer.offset, answer.bytes);
      return 'unusable';
    }
    pause = Math.min(pause * 2, LONGEST_DOUBT);
  }
}

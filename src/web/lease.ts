import type { Outcome } from './carrier.ts';
import type { Feed } from './feed.ts';
import { isRefusal, postForm, type Place } from './place.ts';

/** Several renewals fit into the time that the server gives, so that one that fails ends nothing. */
const RENEW_EVERY = 10_000;
/** Bytes that the server has sent arrive within this, or something on the way holds them. */
const ARRIVES_WITHIN = 2000;

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * Renews a socket's lease through WHM for as long as it is open. A browser does not notice that a firewall has begun
 * to swallow an open connection; the server's answer tells how far the recording is, and so whether that happened.
 * @returns `refused`, or `broken` when the server has no such socket any more or its bytes do not arrive
 */
export async function keepLease(place: Place, feed: Feed, signal: AbortSignal): Promise<Outcome> {
  for (;;) {
    await pause(RENEW_EVERY);
    if (signal.aborted) return 'broken';
    const before = feed.offset;
    const answer = await renew(place, before);
    if (answer === 'refused') return 'refused';
    // Without an answer the lease runs out by itself, and the server says so.
    if (answer === null) continue;
    if (answer.sockets === 0) return 'broken';
    if (answer.next <= before || feed.offset > before) continue;
    await pause(ARRIVES_WITHIN);
    if (feed.offset === before) return 'broken';
  }
}

interface Renewed {
  readonly sockets: number;
  readonly next: number;
}

async function renew(place: Place, offset: number): Promise<Renewed | 'refused' | null> {
  try {
    const response = await postForm(place, 'lease', { offset: String(offset) });
    if (isRefusal(response.status)) return 'refused';
    return response.ok ? ((await response.json()) as Renewed) : null;
  } catch {
    return null;
  }
}

import { WebSocket, type RawData } from 'ws';
import * as z from 'zod/mini';
import type { Desk } from './desk.ts';
import type { Tickets } from './tickets.ts';

/** What a follower needs of the house. */
export interface FollowerParts {
  readonly desk: Pick<Desk, 'follow'>;
  readonly tickets: Pick<Tickets, 'redeem'>;
}

/** The close codes that the page's code knows; 1000 is the run's end. */
export const CLOSE = { end: 1000, policy: 1008, failed: 1011, leaseOver: 4001 } as const;

const FIRST_MESSAGE_WITHIN = 2000;
const PING_EVERY = 20_000;
/** After this the page must come with a new ticket, which WHM gives only to who is still logged in. */
const LEASE = 60_000;
/** Bytes that may wait for one slow browser. */
const HIGH_WATER = 1024 * 1024;

const attachMessage = z.strictObject({
  attach: z.string().check(z.regex(/^[A-Za-z0-9_-]{1,64}$/)),
  ticket: z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/)),
  offset: z.int().check(z.minimum(0)),
});

/**
 * Serves one socket: waits for its first message, redeems the ticket, sends the recording from the offset on.
 * A follower reads the recording at its own pace and can neither slow the run nor another follower.
 */
export function attachFollower(client: WebSocket, origin: string, { desk, tickets }: FollowerParts): void {
  const gone = new AbortController();
  const late = setTimeout(() => client.close(CLOSE.policy, 'no attach message'), FIRST_MESSAGE_WITHIN);
  const lease = setTimeout(() => client.close(CLOSE.leaseOver, 'lease over'), LEASE);
  let answered = true;
  const heartbeat = setInterval(() => {
    if (!answered) client.terminate();
    answered = false;
    client.ping();
  }, PING_EVERY);

  client.on('pong', () => (answered = true));
  // A broken frame: ws closes the socket with the right code by itself, and 'close' follows.
  client.on('error', () => undefined);
  client.once('close', () => {
    gone.abort();
    clearTimeout(late);
    clearTimeout(lease);
    clearInterval(heartbeat);
  });
  client.once('message', (message, isBinary) => {
    clearTimeout(late);
    const wanted = isBinary ? null : readAttach(message);
    if (!wanted || !tickets.redeem(wanted.ticket, wanted.attach, origin)) {
      client.close(CLOSE.policy, 'not a good attach message');
      return;
    }
    client.once('message', () => client.close(CLOSE.policy, 'only one message is expected'));
    void send(client, desk.follow(wanted.attach, wanted.offset, gone.signal), gone.signal);
  });
}

function readAttach(message: RawData): z.infer<typeof attachMessage> | null {
  try {
    // ws gives one Buffer unless it is told otherwise.
    const parsed = attachMessage.safeParse(JSON.parse((message as Buffer).toString('utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

async function send(client: WebSocket, chunks: AsyncIterable<Uint8Array>, gone: AbortSignal): Promise<void> {
  const left = new Promise((resolve) => gone.addEventListener('abort', resolve, { once: true }));
  try {
    for await (const chunk of chunks) {
      if (gone.aborted) return;
      const sent = new Promise((resolve) => client.send(chunk, { binary: true }, resolve));
      if (client.bufferedAmount >= HIGH_WATER) await Promise.race([sent, left]);
    }
    client.close(CLOSE.end, 'end');
  } catch {
    client.close(CLOSE.failed, 'the recording cannot be read');
  }
}

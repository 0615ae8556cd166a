import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { WebSocket, type RawData } from 'ws';
import * as z from 'zod/mini';
import { CLOSE } from '../core/close.ts';
import type { Give } from '../runs/tail.ts';
import type { Audit } from './audit.ts';
import type { Crowds } from './crowds.ts';
import type { Desk } from './desk.ts';
import type { Frames } from './frame.ts';
import type { Leases } from './leases.ts';
import type { Tickets } from './tickets.ts';

/** What a follower needs of the house. */
export interface FollowerParts {
  readonly desk: Pick<Desk, 'follow'>;
  readonly tickets: Pick<Tickets, 'redeem'>;
  readonly leases: Pick<Leases, 'take'>;
  readonly frames: Frames;
  readonly crowds: Crowds;
  /** Told of who attaches. */
  readonly audit: Audit;
  /** Told of who is refused. */
  readonly refusals: Audit;
}

/** Where a socket comes from: the page, as its browser names it, and the machine. */
export interface Peer {
  readonly origin: string;
  readonly address: string;
}

const FIRST_MESSAGE_WITHIN = 2000;
const PING_EVERY = 20_000;
/** Bytes that may wait for one slow browser. */
const HIGH_WATER = 256 * 1024;

const attachMessage = z.strictObject({
  attach: z.string().check(z.regex(/^[A-Za-z0-9_-]{1,64}$/)),
  ticket: z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/)),
  offset: z.int().check(z.minimum(0)),
});

/**
 * Serves one socket: waits for its first message, redeems the ticket, sends the recording from the offset on for as
 * long as its lease is renewed.
 * A follower reads the recording at its own pace and can neither slow the run nor another follower.
 */
export function attachFollower(
  client: WebSocket,
  socket: Duplex,
  { origin, address }: Peer,
  parts: FollowerParts,
): void {
  const { desk, tickets, leases, frames, crowds, audit, refusals } = parts;
  const about = { address, via: 'live', action: 'attach' } as const;
  const gone = new AbortController();
  const late = setTimeout(() => client.close(CLOSE.policy, 'no attach message'), FIRST_MESSAGE_WITHIN);
  let answered = true;
  const heartbeat = setInterval(() => {
    if (!answered) client.terminate();
    answered = false;
    client.ping();
  }, PING_EVERY);

  // No other extension is spoken here.
  const unpacks = client.extensions !== '';
  /** Past ws, which keeps to whole frames as well. */
  const write = (bytes: Uint8Array, packs: boolean): boolean => {
    if (client.readyState === WebSocket.OPEN) socket.write(frames(bytes, packs));
    return client.bufferedAmount < HIGH_WATER;
  };

  client.on('pong', () => (answered = true));
  // A broken frame: ws closes the socket with the right code by itself, and 'close' follows.
  client.on('error', () => undefined);
  client.once('close', () => {
    gone.abort();
    clearTimeout(late);
    clearInterval(heartbeat);
  });
  client.once('message', (message, isBinary) => {
    clearTimeout(late);
    const wanted = isBinary ? null : readAttach(message);
    const binding = wanted && tickets.redeem(wanted.ticket, wanted.attach, origin);
    const refuse = (): void => {
      client.close(CLOSE.policy, 'not a good attach message');
      refusals.note({ user: '', role: 'none', ...about, result: `${CLOSE.policy} no good ticket` });
    };
    if (!wanted || !binding) {
      refuse();
      return;
    }
    const putOut = (code: number, reason: string): void => {
      gone.abort();
      client.close(code, reason);
    };
    client.once('message', () => putOut(CLOSE.policy, 'only one message is expected'));
    const begin = (): void => {
      if (gone.signal.aborted) return;
      audit.note({ user: binding.user, ...about, about: binding.run, result: 'attached' });
      client.once(
        'close',
        leases.take(binding, () => putOut(CLOSE.leaseOver, 'lease over')),
      );
      client.once('close', crowds.join(binding.run));
      const room = (): Promise<unknown> => once(socket, 'drain');
      const give: Give = (bytes) => write(bytes, unpacks && crowds.isMany(binding.run));
      const chunks = desk.follow(wanted.attach, wanted.offset, gone.signal, give);
      // What is read for one alone is not worth packing.
      void send(client, { write: (bytes) => write(bytes, false), room }, chunks, gone.signal);
    };
    if (binding.still === undefined) begin();
    else binding.still().then((may) => (may ? begin() : refuse()), refuse);
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

async function send(
  client: WebSocket,
  { write, room }: { readonly write: Give; readonly room: () => Promise<unknown> },
  chunks: AsyncIterable<Uint8Array>,
  gone: AbortSignal,
): Promise<void> {
  const left = new Promise((resolve) => gone.addEventListener('abort', resolve, { once: true }));
  try {
    for await (const chunk of chunks) {
      if (gone.aborted) return;
      if (!write(chunk)) await Promise.race([room(), left]);
    }
    client.close(CLOSE.end, 'end');
  } catch {
    client.close(CLOSE.failed, 'the recording cannot be read');
  }
}

import { CLOSE } from '../core/close.ts';
import { phrase } from '../core/phrase.ts';
import type { Carrier, Outcome } from './carrier.ts';
import type { Feed } from './feed.ts';
import { keepLease } from './lease.ts';
import { isRefusal, postForm, type Place } from './place.ts';

const OPEN_WITHIN = 3000;

/** A WebSocket to the product's own port, with a ticket that works once and a lease that is renewed through WHM. */
export function createSocket(place: Place): Carrier {
  return {
    words: phrase`Output comes live over WebSocket.`,
    async carry(feed, working) {
      const ticket = await fetchTicket(place);
      if (ticket === 'refused' || ticket === 'unusable') return ticket;
      const attached = attach(place, feed, ticket, working);
      const stop = new AbortController();
      const outcome = await Promise.race([
        attached.closed,
        attached.opened.then(() => keepLease(place, feed, stop.signal)),
      ]);
      stop.abort();
      attached.close();
      return outcome;
    },
  };
}

interface Ticket {
  readonly ticket: string;
  readonly port: number;
}

async function fetchTicket(place: Place): Promise<Ticket | 'refused' | 'unusable'> {
  try {
    const response = await postForm(place, 'ticket', {});
    if (isRefusal(response.status)) return 'refused';
    if (!response.ok) return 'unusable';
    return (await response.json()) as Ticket;
  } catch {
    return 'unusable';
  }
}

interface Attached {
  /** Never resolves for a socket that does not open. */
  readonly opened: Promise<void>;
  readonly closed: Promise<Outcome>;
  close(): void;
}

function attach(place: Place, feed: Feed, { ticket, port }: Ticket, working: () => void): Attached {
  let socket: WebSocket;
  try {
    socket = new WebSocket(`wss://${location.hostname}:${port}/`);
  } catch {
    return {
      opened: new Promise(() => undefined),
      closed: Promise.resolve('unusable'),
      close: () => undefined,
    };
  }
  const started = feed.offset;
  let at = started;
  socket.binaryType = 'arraybuffer';
  socket.addEventListener('message', ({ data }) => {
    const bytes = new Uint8Array(data as ArrayBuffer);
    feed.offer(at, bytes);
    at += bytes.length;
  });
  const opened = new Promise<void>((resolve) => {
    socket.addEventListener('open', () => {
      working();
      socket.send(JSON.stringify({ attach: place.run, ticket, offset: started }));
      resolve();
    });
  });
  const closed = new Promise<Outcome>((resolve) => {
    const tooLong = setTimeout(() => resolve('unusable'), OPEN_WITHIN);
    void opened.then(() => clearTimeout(tooLong));
    socket.addEventListener('close', ({ code }) => {
      clearTimeout(tooLong);
      if (code === CLOSE.end || feed.ended) resolve('ended');
      else if (code === CLOSE.leaseOver) resolve('again');
      else resolve(at > started ? 'broken' : 'unusable');
    });
  });
  return { opened, closed, close: () => socket.close() };
}

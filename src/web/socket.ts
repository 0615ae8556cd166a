import type { Carrier, Outcome } from './carrier.ts';
import type { Feed } from './feed.ts';
import { isRefusal, type Place } from './place.ts';

const OPEN_WITHIN = 3000;
/** The server's close code for a lease that ran out: a new ticket proves that the person is still logged in. */
const LEASE_OVER = 4001;

/** A WebSocket to the product's own port, with a ticket that works once. */
export function createSocket(place: Place): Carrier {
  return {
    words: 'Output comes live over WebSocket.',
    async carry(feed, working) {
      const ticket = await fetchTicket(place);
      if (ticket === 'refused' || ticket === 'unusable') return ticket;
      return attach(place, feed, ticket, working);
    },
  };
}

interface Ticket {
  readonly ticket: string;
  readonly port: number;
}

async function fetchTicket(place: Place): Promise<Ticket | 'refused' | 'unusable'> {
  try {
    const response = await fetch(`?r=runs/${place.run}/ticket`, {
      method: 'POST',
      body: new URLSearchParams({ csrf: place.csrf }),
      signal: AbortSignal.timeout(OPEN_WITHIN),
    });
    if (isRefusal(response.status)) return 'refused';
    if (!response.ok) return 'unusable';
    return (await response.json()) as Ticket;
  } catch {
    return 'unusable';
  }
}

function attach(place: Place, feed: Feed, { ticket, port }: Ticket, working: () => void): Promise<Outcome> {
  return new Promise((resolve) => {
    let socket: WebSocket;
    try {
      socket = new WebSocket(`wss://${location.hostname}:${port}/`);
    } catch {
      resolve('unusable');
      return;
    }
    const started = feed.offset;
    let at = started;
    socket.binaryType = 'arraybuffer';
    const tooLong = setTimeout(() => {
      resolve('unusable');
      socket.close();
    }, OPEN_WITHIN);
    socket.onopen = () => {
      clearTimeout(tooLong);
      working();
      socket.send(JSON.stringify({ attach: place.run, ticket, offset: at }));
    };
    socket.onmessage = ({ data }) => {
      const bytes = new Uint8Array(data as ArrayBuffer);
      feed.offer(at, bytes);
      at += bytes.length;
    };
    socket.onclose = ({ code }) => {
      clearTimeout(tooLong);
      if (code === 1000 || feed.ended) resolve('ended');
      else if (code === LEASE_OVER) resolve('again');
      else resolve(at > started ? 'broken' : 'unusable');
    };
  });
}

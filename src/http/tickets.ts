import { createHash } from 'node:crypto';

/** What a ticket is good for: one person's login, one run, one page's origin. */
export interface TicketBinding {
  readonly user: string;
  readonly session: string;
  readonly run: string;
  readonly origin: string;
  /** Asked at the attach: whether its holder still may what they might when it was made. Root has none. */
  readonly still?: () => Promise<boolean>;
}

export interface Tickets {
  /** A ticket that works once, and the time (milliseconds) when it stops working. */
  mint(binding: TicketBinding): { readonly ticket: string; readonly expires: number };
  /** Uses a ticket up. Null: unknown, used, too old, or made for another run or origin. */
  redeem(ticket: string, run: string, origin: string): TicketBinding | null;
  /** Whether any ticket that still works was made for this origin. */
  expects(origin: string): boolean;
  /** How many tickets still work. */
  alive(): number;
}

export const TICKET_LIFETIME = 30_000;
/** Tickets that can wait at the same time; the oldest gives way. */
const MOST = 256;

/**
 * @param now milliseconds
 * @param random that many unpredictable bytes
 */
export function createTickets(now: () => number, random: (bytes: number) => Uint8Array): Tickets {
  const waiting = new Map<string, TicketBinding & { readonly expires: number }>();
  // Only hashes are kept, so that nothing that can be read out of memory or a dump opens a socket.
  const hash = (ticket: string): string => createHash('sha256').update(ticket).digest('hex');

  function sweep(): void {
    for (const [key, { expires }] of waiting) if (expires <= now()) waiting.delete(key);
  }

  return {
    mint(binding) {
      sweep();
      const oldest = waiting.keys().next();
      if (waiting.size >= MOST && !oldest.done) waiting.delete(oldest.value);
      const ticket = Buffer.from(random(32)).toString('base64url');
      const expires = now() + TICKET_LIFETIME;
      waiting.set(hash(ticket), { ...binding, expires });
      return { ticket, expires };
    },
    redeem(ticket, run, origin) {
      sweep();
      const key = hash(ticket);
      const binding = waiting.get(key);
      // Shown once is used up, also by the wrong one: a ticket seen elsewhere is a leaked ticket.
      waiting.delete(key);
      if (binding?.run !== run || binding.origin !== origin) return null;
      return binding;
    },
    expects(origin) {
      sweep();
      return [...waiting.values()].some((binding) => binding.origin === origin);
    },
    alive() {
      sweep();
      return waiting.size;
    },
  };
}

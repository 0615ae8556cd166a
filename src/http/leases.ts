import type { TicketBinding } from './tickets.ts';

/** One login that follows one run. */
export type Tenant = Pick<TicketBinding, 'user' | 'session' | 'run'>;

/**
 * How long a socket lives on from the last time that its login was let in through WHM, milliseconds. The page asks
 * several times in that time.
 */
export const LEASE = 60_000;

/**
 * Which sockets may stay. A ticket shows only who somebody was when it was made; that WHM still lets them in is shown
 * by each request that comes through the CGI.
 */
export interface Leases {
  /** Begins a socket's lease. `over` is called once, if it runs out. @returns ends the lease without a word */
  take(tenant: Tenant, over: () => void): () => void;
  /** Begins this login's leases for this run anew. @returns how many there are */
  renew(tenant: Tenant): number;
}

export function createLeases(): Leases {
  const held = new Set<{ readonly tenant: Tenant; readonly clock: NodeJS.Timeout }>();
  return {
    take({ user, session, run }, over) {
      const clock = setTimeout(() => {
        held.delete(lease);
        over();
      }, LEASE);
      const lease = { tenant: { user, session, run }, clock };
      held.add(lease);
      return () => {
        clearTimeout(clock);
        held.delete(lease);
      };
    },
    renew({ user, session, run }) {
      const own = [...held].filter(
        ({ tenant }) => tenant.user === user && tenant.session === session && tenant.run === run,
      );
      for (const { clock } of own) clock.refresh();
      return own.length;
    },
  };
}

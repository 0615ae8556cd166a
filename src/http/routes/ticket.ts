import type { RequestHandler } from 'express';
import { phrase } from '../../core/phrase.ts';
import { Problem } from '../../core/problem.ts';
import type { RouteParts } from '../app.ts';
import { callerOf, originOf } from '../caller.ts';
import { runOf } from './run.ts';

/** Gives the page a ticket for one attach over the WebSocket, and opens its port. */
export function mintTicket({ desk, tickets, live, grants }: RouteParts): RequestHandler {
  return async (request, response) => {
    const caller = callerOf(request);
    const { id: run } = await desk.run(runOf(request));
    const origin = originOf(caller);
    if (origin === null) throw new Problem('invalid', phrase`The browser did not say which server it asks.`);
    const { user, session, role } = caller;
    const still = async (): Promise<boolean> => (await grants.of(user)).includes('setup');
    const binding = { user, session, run, origin, ...(role === 'root' ? {} : { still }) };
    const { ticket, expires } = tickets.mint(binding);
    await live.open();
    response.json({ ticket, port: live.port, expires });
  };
}

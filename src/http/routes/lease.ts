import type { RequestHandler } from 'express';
import type { RouteParts } from '../app.ts';
import { callerOf } from '../caller.ts';
import { field } from '../guard.ts';
import { offsetOf } from './events.ts';
import { runOf } from './run.ts';

/**
 * Renews the leases of the page's sockets: that this request came through WHM shows that the person is still let in.
 * `sockets`: how many there are. `next`: what the recording holds beyond the page's offset ends there (at most 256 KiB
 * further), by which the page sees that its socket is being held back.
 */
export function renewLease({ desk, live }: RouteParts): RequestHandler {
  return async (request, response) => {
    const { user, session } = callerOf(request);
    const { id: run } = await desk.run(runOf(request));
    const offset = offsetOf(field(request.body, 'offset'));
    const sockets = live.renew({ user, session, run });
    const { next } = await desk.read(run, offset);
    response.json({ sockets, next });
  };
}

import type { Request, RequestHandler } from 'express';
import { phrase } from '../core/phrase.ts';
import { Problem } from '../core/problem.ts';
import type { Grants } from '../runs/grants.ts';
import { setCaller, type Caller } from './caller.ts';

/**
 * Believes the CGI about who asks: only root can open the socket that the CGI speaks through, and the CGI writes every
 * header itself. What root has granted to a reseller is read anew for each request.
 */
export function identity(grants: Pick<Grants, 'of'>): RequestHandler {
  return async (request, _response, next) => {
    const user = request.get('x-whm-user') ?? '';
    const session = request.get('x-whm-session') ?? '';
    const role = roleOf(request);
    if (user === '' || session === '' || role === null) {
      throw new Problem(
        'access-denied',
        phrase`This page is for root and for WHM users whom root has given its privilege; you are neither, so ask the server’s root.`,
      );
    }
    const address = request.get('x-whm-address') ?? '';
    const actions = role === 'root' ? [] : await grants.of(user);
    setCaller(request, { user, role, actions, session, address, host: request.get('x-whm-host') ?? '' });
    next();
  };
}

/** Null: let in as nobody. */
function roleOf(request: Request): Caller['role'] | null {
  if (request.get('x-whm-root') === '1') return 'root';
  return request.get('x-whm-acl') === '1' ? 'reseller' : null;
}

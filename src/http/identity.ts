import type { RequestHandler } from 'express';
import { Problem } from '../core/problem.ts';
import { setCaller } from './caller.ts';

/**
 * Believes the CGI about who asks: only root can open the socket that the CGI speaks through. In this version only
 * root, and who holds WHM's `all` privilege, gets in.
 */
export function identity(): RequestHandler {
  return (request, _response, next) => {
    const user = request.get('x-whm-user') ?? '';
    const session = request.get('x-whm-session') ?? '';
    if (user === '' || session === '' || request.get('x-whm-root') !== '1') {
      throw new Problem(
        'access-denied',
        'This page is for root and for WHM users with all privileges; you are neither, so ask the server’s root.',
      );
    }
    const address = request.get('x-whm-address') ?? '';
    setCaller(request, { user, session, address, host: request.get('x-whm-host') ?? '' });
    next();
  };
}

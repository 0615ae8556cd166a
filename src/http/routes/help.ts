import type { RequestHandler } from 'express';
import { phrase } from '../../core/phrase.ts';
import type { RouteParts } from '../app.ts';
import { callerOf } from '../caller.ts';
import { placesFor } from '../places.ts';

/** What this is about, in plain words; of the pages only those that the caller may go to. */
export function helpPage({ views }: RouteParts): RequestHandler {
  return (request, response) => {
    const caller = callerOf(request);
    response.send(
      views('help', {
        title: phrase`Help`,
        here: 'help',
        caller,
        root: caller.role === 'root',
        pages: placesFor(caller).filter(({ page }) => page !== 'help'),
      }),
    );
  };
}

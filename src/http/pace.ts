import type { RequestHandler } from 'express';
import { phrase } from '../core/phrase.ts';
import { Problem } from '../core/problem.ts';
import { changes } from './guard.ts';

/** Requests of one WHM user in one minute. A person who presses buttons, and pages that poll, stay far below. */
export const PER_MINUTE = { changing: 120, looking: 600 } as const;
const MINUTE = 60_000;

/** Refuses who asks more often than a person can; before anything is done for them. @param now milliseconds */
export function pace(now: () => number): RequestHandler {
  const counts = new Map<string, { readonly since: number; count: number }>();
  return (request, response, next) => {
    for (const [key, { since }] of counts) if (Math.abs(now() - since) >= MINUTE) counts.delete(key);
    const kind = changes(request.method) ? 'changing' : 'looking';
    const key = `${kind} ${request.get('x-whm-user') ?? ''}`;
    const counted = counts.get(key) ?? { since: now(), count: 0 };
    counts.set(key, counted);
    counted.count += 1;
    if (counted.count > PER_MINUTE[kind]) {
      const seconds = Math.ceil((counted.since + MINUTE - now()) / 1000);
      response.set('Retry-After', String(seconds));
      throw Object.assign(
        new Problem('busy', phrase`Too many requests came from this login; go on in ${seconds} seconds.`),
        { status: 429 },
      );
    }
    next();
  };
}

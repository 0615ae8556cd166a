import type { Request, RequestHandler, Response } from 'express';
import type { Audit, AuditEvent } from '../runs/audit.ts';
import { knownCaller } from './caller.ts';
import { changes } from './guard.ts';

export type { Audit, AuditEvent };

/** Answers that say no to who asked, whatever they asked for. */
const REFUSALS: readonly number[] = [401, 403, 405, 413, 429];
/** Refusals of one person that are told in one minute; a flood of them must not push out what was done. */
const MOST_REFUSALS = 30;
const MINUTE = 60_000;

/** An audit that hears of one person's refusals up to a bound. @param now milliseconds */
export function ofRefusals(audit: Audit, now: () => number): Audit {
  const counts = new Map<string, { readonly minute: number; count: number }>();
  return {
    note(event) {
      const minute = Math.floor(now() / MINUTE);
      for (const [user, counted] of counts) if (counted.minute !== minute) counts.delete(user);
      const counted = counts.get(event.user) ?? { minute, count: 0 };
      counts.set(event.user, counted);
      counted.count += 1;
      if (counted.count <= MOST_REFUSALS) audit.note(event);
    },
  };
}

/**
 * Tells of every change that was asked for, and of every refusal, when it is answered. That a page is still open, which
 * it says several times a minute, is no change. @param now milliseconds
 */
export function audited(audit: Audit, now: () => number): RequestHandler {
  const refusals = ofRefusals(audit, now);
  return (request, response, next) => {
    response.once('close', () => {
      const renews = request.path.endsWith('/lease');
      if (REFUSALS.includes(response.statusCode)) refusals.note(eventOf(request, response));
      else if (changes(request.method) && !renews) audit.note(eventOf(request, response));
    });
    next();
  };
}

function eventOf(request: Request, response: Response): AuditEvent {
  const caller = knownCaller(request);
  const [, run] = /^\/runs\/([^/]+)/.exec(request.path) ?? [];
  const code: unknown = response.locals['problem'];
  return {
    user: caller?.user ?? request.get('x-whm-user') ?? '',
    role: caller?.role ?? 'none',
    address: caller?.address ?? request.get('x-whm-address') ?? '',
    via: 'whm',
    action: `${request.method} ${request.path.replace(/^\/runs\/[^/]+/, '/runs/:run')}`,
    ...(run === undefined ? {} : { about: run }),
    result: response.writableFinished
      ? `${response.statusCode}${typeof code === 'string' ? ` ${code}` : ''}`
      : 'cut off',
  };
}

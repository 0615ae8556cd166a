import { createHmac, timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';
import { phrase } from '../core/phrase.ts';
import { Problem } from '../core/problem.ts';
import { callerOf, originOf, type Caller } from './caller.ts';

/** Proof that a form was drawn by this product for this login: HMAC-SHA256 of session and user, hexadecimal. */
export function formToken(secret: Uint8Array, { session, user }: Pick<Caller, 'session' | 'user'>): string {
  return createHmac('sha256', secret).update(`form\0${session}\0${user}`).digest('hex');
}

/** Whether a request with this method may change something. */
export function changes(method: string): boolean {
  return method !== 'GET' && method !== 'HEAD';
}

/** Refuses a change that another site's page asked for, as far as the browser and WHM pass on who asked. */
export function sameOrigin(): RequestHandler {
  return (request, _response, next) => {
    if (changes(request.method)) {
      const site = request.get('sec-fetch-site');
      const origin = request.get('origin');
      if (site !== undefined && site !== 'same-origin') throw foreign();
      if (origin !== undefined && origin !== originOf(callerOf(request))) throw foreign();
    }
    next();
  };
}

/** Refuses a change whose form field `csrf` is not this login's token. Needs the body to be read. */
export function ownForm(secret: Uint8Array): RequestHandler {
  return (request, _response, next) => {
    if (changes(request.method)) {
      const given = Buffer.from(field(request.body, 'csrf'));
      const right = Buffer.from(formToken(secret, callerOf(request)));
      if (given.length !== right.length || !timingSafeEqual(given, right)) {
        throw new Problem(
          'access-denied',
          phrase`This form belongs to another login or is too old; open the page again from WHM and press the button there.`,
        );
      }
    }
    next();
  };
}

/** One text field of a form or a query; a missing or repeated one is empty. */
export function field(form: unknown, name: string): string {
  if (typeof form !== 'object' || form === null || !Object.hasOwn(form, name)) return '';
  const value: unknown = (form as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : '';
}

function foreign(): Problem {
  return new Problem(
    'access-denied',
    phrase`This request came from a page of another site; use the buttons on the page inside WHM.`,
  );
}

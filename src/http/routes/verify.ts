import type { Request, RequestHandler } from 'express';
import { phrase } from '../../core/phrase.ts';
import { Problem } from '../../core/problem.ts';
import { givenLogin, type GivenLogin } from '../../engine/lending.ts';
import type { RouteParts } from '../app.ts';
import { callerOf } from '../caller.ts';
import { field, formToken } from '../guard.ts';
import { checksView } from '../view/checks.ts';
import type { PageFrame } from '../views.ts';

/** The form: a login can be given, and need not be. */
export function verifyPage({ views, secret }: RouteParts): RequestHandler {
  return (request, response) => {
    response.send(views('verify', { ...frameOf(request, secret), wrong: null, found: null }));
  };
}

/** Talks to the FTP server and shows what it met. It is a POST because a login may be made, and one may be sent. */
export function verifyNow({ desk, views, secret }: RouteParts): RequestHandler {
  return async (request, response) => {
    const frame = frameOf(request, secret);
    const given = loginOf(request.body);
    if (given instanceof Problem) {
      response.status(400).send(views('verify', { ...frame, wrong: given.message, found: null }));
      return;
    }
    const found = checksView(await desk.verify(given));
    response.send(views('verify', { ...frame, wrong: null, found }));
  };
}

/** No login when both fields are empty. */
function loginOf(form: unknown): GivenLogin | Problem {
  const [user, password] = [field(form, 'user').trim(), field(form, 'password')];
  if (user === '' && password === '') return null;
  try {
    return givenLogin(user, password);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
}

function frameOf(request: Request, secret: Uint8Array): PageFrame & { readonly csrf: string } {
  return { title: phrase`Verify`, here: 'verify', csrf: formToken(secret, callerOf(request)) };
}

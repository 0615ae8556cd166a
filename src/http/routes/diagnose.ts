import type { Request, RequestHandler } from 'express';
import { phrase } from '../../core/phrase.ts';
import { toProblem } from '../../core/problem.ts';
import { diagnoseAgainst } from '../../diagnosis/against.ts';
import type { RouteParts } from '../app.ts';
import { callerOf } from '../caller.ts';
import { field, formToken } from '../guard.ts';
import { diagnosisView } from '../view/diagnosis.ts';
import type { PageFrame } from '../views.ts';

/** The form for a client's log. */
export function diagnosePage({ views, secret }: RouteParts): RequestHandler {
  return (request, response) => {
    response.send(views('diagnose', { ...frameOf(request, secret), wrong: null, found: null }));
  };
}

/** What the log shows, held against this server. It is a POST because logs are long; nothing is changed or kept. */
export function diagnosePaste({ desk, views, secret }: RouteParts): RequestHandler {
  return async (request, response) => {
    const frame = frameOf(request, secret);
    const log = field(request.body, 'log');
    if (log.trim() === '') {
      const wrong = phrase`No log was sent; paste one into the field.`;
      response.status(400).send(views('diagnose', { ...frame, wrong, found: null }));
      return;
    }
    const found = await diagnoseAgainst(log, (range) => desk.status(range), refusalOf);
    response.send(views('diagnose', { ...frame, wrong: null, found: diagnosisView(found) }));
  };
}

function frameOf(request: Request, secret: Uint8Array): PageFrame & { readonly csrf: string } {
  return {
    title: phrase`Diagnose a client’s log`,
    here: 'diagnose',
    csrf: formToken(secret, callerOf(request)),
  };
}

/** A fault of the program is reported as one, not shown as an answer. */
function refusalOf(error: unknown): string {
  const problem = toProblem(error);
  if (problem.code === 'internal') throw problem;
  return problem.message;
}

import type { ErrorRequestHandler, RequestHandler } from 'express';
import { phrase } from '../core/phrase.ts';
import { Problem, toProblem, type ProblemCode } from '../core/problem.ts';
import { isForCode, knownCaller } from './caller.ts';
import { isOpen, sendPage } from './opening.ts';
import type { Views } from './views.ts';

const STATUS: Readonly<Record<ProblemCode, number>> = {
  invalid: 400,
  'access-denied': 403,
  'not-found': 404,
  'change-conflict': 409,
  busy: 409,
  'not-proven': 500,
  'command-failed': 500,
  interrupted: 500,
  internal: 500,
  unsupported: 501,
  timeout: 504,
  'disk-full': 507,
};

const TITLE: Readonly<Record<ProblemCode, string>> = {
  invalid: phrase`Not understood`,
  'access-denied': phrase`Not allowed`,
  'not-found': phrase`Not found`,
  'change-conflict': phrase`Changed in the meantime`,
  busy: phrase`Busy`,
  'not-proven': phrase`Not proven`,
  'command-failed': phrase`A command failed`,
  interrupted: phrase`Interrupted`,
  internal: phrase`Internal error`,
  unsupported: phrase`Not supported`,
  timeout: phrase`Took too long`,
  'disk-full': phrase`Disk full`,
};

/** The end of the table of routes. */
export function notFound(): RequestHandler {
  return () => {
    throw new Problem('not-found', phrase`There is no such page here; begin at the status page.`);
  };
}

/** The only place where a failure becomes an answer: a page for people, JSON for the page's own code. */
export function errors(views: Views, report: (problem: Problem) => void): ErrorRequestHandler {
  return (thrown: unknown, request, response, next) => {
    const { status, problem } = answerTo(thrown);
    if (problem.code === 'internal') report(problem);
    if (response.headersSent && !isOpen(response)) {
      // Too late for an answer: Express cuts the connection, so that half an answer is not taken for a whole one.
      next(thrown);
      return;
    }
    response.locals['problem'] = problem.code;
    if (!response.headersSent) response.status(status);
    const { code, message, detail } = problem;
    if (isForCode(request)) response.json({ problem: { code, message } });
    else {
      const caller = knownCaller(request);
      // What was met on the server is for root; others get the sentence.
      const shown = caller?.role === 'root' ? (detail ?? null) : null;
      const page = views('error', { title: TITLE[code], here: '', caller, message, detail: shown });
      sendPage(response, page);
    }
  };
}

/** Express and its body reader mark their errors with a status of their own. */
function answerTo(thrown: unknown): { status: number; problem: Problem } {
  if (!(thrown instanceof Problem) && thrown instanceof Error && 'status' in thrown) {
    const { status } = thrown;
    if (status === 413)
      return { status, problem: new Problem('invalid', phrase`The form is too large; it may have 64 kB.`) };
    if (typeof status === 'number' && status >= 400 && status < 500) {
      return {
        status,
        problem: new Problem('invalid', phrase`The request could not be read; use the buttons on the page.`),
      };
    }
  }
  const problem = toProblem(thrown);
  const status = 'status' in problem && typeof problem.status === 'number' ? problem.status : null;
  return { status: status ?? STATUS[problem.code], problem };
}

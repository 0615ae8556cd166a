import type { Request, RequestHandler } from 'express';
import { Problem } from '../../core/problem.ts';
import { logLines, plainText } from '../../runs/lines.ts';
import { createRecordingReader } from '../../runs/reading.ts';
import type { RouteParts } from '../app.ts';
import { callerOf, visitorOf, whoOf } from '../caller.ts';
import { field, formToken } from '../guard.ts';
import { runView } from '../view/record.ts';

/** What of a run's page is for root alone. */
const NOT_THEIRS = { undoable: false, cancel: '', undoneBy: '' } as const;

/** The run's page: it reloads itself or follows while the run goes on, and is the record afterwards. */
export function runPage({ desk, views, secret, now }: RouteParts): RequestHandler {
  return async (request, response) => {
    const record = await desk.run(runOf(request));
    const { bytes, ended } = await desk.read(record.id, 0);
    const log = logLines(createRecordingReader().push(bytes));
    const caller = callerOf(request);
    response.send(
      views('run', {
        ...runView(record, now()),
        ...(caller.role === 'root' ? {} : NOT_THEIRS),
        here: 'runs',
        caller,
        log,
        more: !ended,
        csrf: formToken(secret, caller),
      }),
    );
  };
}

/**
 * Starts a run that puts back what this one changed, and goes to it. Where somebody changed a file since, the page
 * shows what would be lost, and a button that does it all the same.
 */
export function undoRun({ desk, views, secret }: RouteParts): RequestHandler {
  return async (request, response) => {
    const target = runOf(request);
    try {
      const run = await desk.undo(target, whoOf(request), field(request.body, 'force') === '1');
      response.redirect(303, `?r=runs/${run}`);
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'change-conflict') throw error;
      response.status(409).send(
        views('conflict', {
          title: 'Changed in the meantime',
          here: 'runs',
          run: target,
          message: error.message,
          diff: plainText(error.detail ?? ''),
          csrf: formToken(secret, callerOf(request)),
        }),
      );
    }
  };
}

/** Asks the run to stop, and goes back to it. */
export function cancelRun({ desk }: RouteParts): RequestHandler {
  return async (request, response) => {
    const run = runOf(request);
    await desk.cancel(run, whoOf(request));
    response.redirect(303, `?r=runs/${run}`);
  };
}

/** Keeps what the run changed. That this request came is one half of the proof; the desk asks the firewall for the other. */
export function confirmRun({ desk }: RouteParts): RequestHandler {
  return async (request, response) => {
    const run = runOf(request);
    await desk.confirm(run, whoOf(request), visitorOf(callerOf(request)));
    response.redirect(303, `?r=runs/${run}`);
  };
}

/**
 * The run that a route names.
 * @throws Problem `not-found` for a text that cannot be a run's id
 */
export function runOf(request: Request): string {
  const { run } = request.params;
  if (typeof run === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(run)) return run;
  throw new Problem('not-found', 'There is no such run; the history lists those that there are.');
}

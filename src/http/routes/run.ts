import type { Request, RequestHandler } from 'express';
import { Problem } from '../../core/problem.ts';
import { logLines } from '../../runs/lines.ts';
import { createRecordingReader } from '../../runs/reading.ts';
import type { RouteParts } from '../app.ts';
import { callerOf, whoOf } from '../caller.ts';
import { formToken } from '../guard.ts';
import { runView } from '../view/record.ts';

/** The run's page: it reloads itself or follows while the run goes on, and is the record afterwards. */
export function runPage({ desk, views, secret, now }: RouteParts): RequestHandler {
  return async (request, response) => {
    const record = await desk.run(runOf(request));
    const { bytes, ended } = await desk.read(record.id, 0);
    const log = logLines(createRecordingReader().push(bytes));
    response.send(
      views('run', {
        ...runView(record, now()),
        here: 'runs',
        log,
        more: !ended,
        csrf: formToken(secret, callerOf(request)),
      }),
    );
  };
}

/** Starts a run that puts back what this one changed, and goes to it. */
export function undoRun({ desk }: RouteParts): RequestHandler {
  return async (request, response) => {
    const run = await desk.undo(runOf(request), whoOf(request));
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

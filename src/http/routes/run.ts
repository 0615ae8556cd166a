import type { Request, RequestHandler } from 'express';
import { phrase } from '../../core/phrase.ts';
import { Problem } from '../../core/problem.ts';
import { limitsOf, watchWork } from '../../runs/at-work.ts';
import { logLines, plainText } from '../../runs/lines.ts';
import { createRecordingReader } from '../../runs/reading.ts';
import { PIECE_BYTES } from '../../runs/tail.ts';
import type { RouteParts } from '../app.ts';
import { callerOf, visitorOf, whoOf } from '../caller.ts';
import { field, formToken } from '../guard.ts';
import { changeOf } from '../view/plan.ts';
import { runView } from '../view/record.ts';

/** What of a run's page is for root alone. */
const NOT_THEIRS = { undoable: false, again: '', cancel: null, undoneBy: '' } as const;

/** The run's page: it reloads itself or follows while the run goes on, and is the record afterwards. */
export function runPage(parts: RouteParts): RequestHandler {
  return async (request, response) => {
    response.send(await drawRun(parts, request, ''));
  };
}

/** @param refused why the run could not be confirmed, where that was tried */
async function drawRun(
  { desk, views, secret, now }: RouteParts,
  request: Request,
  refused: string,
): Promise<string> {
  const record = await desk.run(runOf(request));
  const { bytes, ended } = await desk.read(record.id, 0);
  const events = createRecordingReader().push(bytes);
  const work = watchWork(limitsOf(record.plan));
  // Only the whole recording tells of the present.
  if (bytes.length < PIECE_BYTES) for (const event of events) work.hear(event);
  const caller = callerOf(request);
  return views('run', {
    ...runView(record, now(), work),
    ...(caller.role === 'root' ? {} : NOT_THEIRS),
    here: 'runs',
    caller,
    refused,
    log: logLines(events),
    more: !ended,
    csrf: formToken(secret, caller),
  });
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
          title: phrase`Changed in the meantime`,
          here: 'runs',
          run: target,
          message: error.message,
          diff: plainText(error.detail ?? '')
            .split('\n')
            .map((text) => ({
              change: /^(?:---|\+\+\+) /.test(text) ? 'place' : changeOf(text),
              text,
            })),
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

/**
 * Keeps what the run changed. That this request came is one half of the proof; the desk asks the firewall for the other.
 * The page's own code gets `{kept, why}`; a person gets the run's page, with the reason where it was not kept.
 */
export function confirmRun(parts: RouteParts): RequestHandler {
  return async (request, response) => {
    const run = runOf(request);
    const forCode = field(request.body, 'by') === 'page';
    try {
      await parts.desk.confirm(run, whoOf(request), visitorOf(callerOf(request)));
      if (forCode) response.json({ kept: true });
      else response.redirect(303, `?r=runs/${run}`);
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'not-proven') throw error;
      if (forCode) response.json({ kept: false, why: error.message });
      else response.status(409).send(await drawRun(parts, request, error.message));
    }
  };
}

/**
 * The run that a route names.
 * @throws Problem `not-found` for a text that cannot be a run's id
 */
export function runOf(request: Request): string {
  const { run } = request.params;
  if (typeof run === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(run)) return run;
  throw new Problem('not-found', phrase`There is no such run; the history lists those that there are.`);
}

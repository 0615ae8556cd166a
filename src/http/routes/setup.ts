import type { RequestHandler } from 'express';
import { phrase } from '../../core/phrase.ts';
import { Problem } from '../../core/problem.ts';
import type { RouteParts } from '../app.ts';
import { callerOf, whoOf } from '../caller.ts';
import { field, formToken } from '../guard.ts';
import { openPage, sendPage } from '../opening.ts';
import { isOwn } from '../permission.ts';
import { formOf } from '../settings-form.ts';
import { chosenWords } from '../view/choices.ts';
import { planView } from '../view/plan.ts';
import { runRow } from '../view/record.ts';

/** The one click: what it would do with root's settings, and the button. Whoever asks can choose nothing. */
export function setupPage({ desk, views, secret }: RouteParts): RequestHandler {
  return async (request, response) => {
    const caller = callerOf(request);
    const place = { title: phrase`Set up passive FTP`, here: 'setup' };
    openPage(views, request, response, place);
    const settings = await desk.settings();
    const [plan, runs] = await Promise.all([desk.plan(settings), desk.runs()]);
    sendPage(
      response,
      views('setup', {
        ...place,
        caller,
        chosen: chosenWords(formOf(settings)),
        changed: field(request.query, 'changed') === '1',
        // It holds whole files, which only root may read.
        plan: planView(plan, caller.role === 'root' ? desk.script(plan) : ''),
        runs: runs.filter((run) => isOwn(caller, run)).map(runRow),
        csrf: formToken(secret, caller),
      }),
    );
  };
}

/**
 * Runs the plan of root's settings if it is still the one that was shown. The form says which one that was, and nothing
 * else of it is read.
 */
export function setUp({ desk }: RouteParts): RequestHandler {
  return async (request, response) => {
    try {
      const run = await desk.apply(field(request.body, 'plan'), await desk.settings(), whoOf(request));
      response.redirect(303, `?r=runs/${run}`);
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'change-conflict') throw error;
      response.redirect(303, '?r=setup&changed=1');
    }
  };
}

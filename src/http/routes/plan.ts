import type { RequestHandler } from 'express';
import { phrase } from '../../core/phrase.ts';
import { Problem } from '../../core/problem.ts';
import type { RouteParts } from '../app.ts';
import { callerOf } from '../caller.ts';
import { field, formToken } from '../guard.ts';
import { openPage, sendPage } from '../opening.ts';
import { readForm, typedForm } from '../settings-form.ts';
import { choicesView } from '../view/choices.ts';
import { planView } from '../view/plan.ts';

/** The preview: exactly what apply would do. A setting that is wrong is shown where it was typed. */
export function planPage({ desk, views, secret }: RouteParts): RequestHandler {
  return async (request, response) => {
    const base = await desk.settings();
    const form = typedForm(request.query, base);
    const frame = {
      title: phrase`Set up passive FTP`,
      here: 'plan',
      ...choicesView(form),
      changed: field(request.query, 'changed') === '1',
      csrf: formToken(secret, callerOf(request)),
    };
    try {
      const wish = readForm(form, base);
      openPage(views, request, response, frame);
      const plan = await desk.plan(wish);
      sendPage(response, views('plan', { ...frame, wrong: null, plan: planView(plan, desk.script(plan)) }));
    } catch (error) {
      if (!(error instanceof Problem) || error.code === 'internal') throw error;
      if (!response.headersSent) response.status(400);
      sendPage(response, views('plan', { ...frame, wrong: error.message, plan: null }));
    }
  };
}

import type { RequestHandler } from 'express';
import { phrase } from '../../core/phrase.ts';
import { Problem } from '../../core/problem.ts';
import { livePortSettings, withoutLivePort } from '../../core/settings.ts';
import { basisOf, liveRun } from '../../runs/basis.ts';
import type { RouteParts } from '../app.ts';
import { callerOf, whoOf } from '../caller.ts';
import { field, formToken } from '../guard.ts';
import { planView } from '../view/plan.ts';

/**
 * Root's choice whether the firewall lets in the port of live output: how it stands, and the plan that changes it.
 * Where passive FTP was not set up, the run that opened the port is put back instead.
 */
export function livePortPage({ desk, live, views, secret }: RouteParts): RequestHandler {
  return async (request, response) => {
    const caller = callerOf(request);
    const [settings, runs] = await Promise.all([desk.settings(), desk.runs()]);
    const opened = liveRun(runs, live.port)?.id ?? null;
    const closes = opened !== null && basisOf(runs).is === 'set-up';
    const frame = {
      title: phrase`The port of live output`,
      here: 'settings',
      caller,
      port: live.port,
      opened,
      closes,
      changed: field(request.query, 'changed') === '1',
      csrf: formToken(secret, caller),
    };
    try {
      const wanted = closes ? withoutLivePort(settings) : livePortSettings(settings, live.port);
      const plan = opened !== null && !closes ? null : await desk.plan(wanted);
      const view = plan && planView(plan, desk.script(plan));
      response.send(views('live-port', { ...frame, wrong: null, plan: view }));
    } catch (error) {
      if (!(error instanceof Problem) || error.code === 'internal') throw error;
      response.status(400).send(views('live-port', { ...frame, wrong: error.message, plan: null }));
    }
  };
}

/** Runs the plan that was shown and goes to the run; if the server changed since, shows the new plan instead. */
export function changeLivePort({ desk, live }: RouteParts): RequestHandler {
  return async (request, response) => {
    const base = await desk.settings();
    const closes = field(request.body, 'close') === '1';
    const settings = closes ? withoutLivePort(base) : livePortSettings(base, live.port);
    try {
      const run = await desk.apply(field(request.body, 'plan'), settings, whoOf(request));
      response.redirect(303, `?r=runs/${run}`);
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'change-conflict') throw error;
      response.redirect(303, '?r=live-port&changed=1');
    }
  };
}

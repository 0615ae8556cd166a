import type { RequestHandler } from 'express';
import { parseAction, parseReseller } from '../../core/grants.ts';
import { phrase } from '../../core/phrase.ts';
import { Problem } from '../../core/problem.ts';
import type { WatchStanding } from '../../runs/watch-switch.ts';
import type { RouteParts } from '../app.ts';
import { callerOf } from '../caller.ts';
import { field, formToken } from '../guard.ts';
import { formOf } from '../settings-form.ts';
import { choicesView } from '../view/choices.ts';
import { resellerRow } from '../view/resellers.ts';
import { watchView } from '../view/watch.ts';

/** What root has settled: the settings that a set-up uses, and what resellers may do. */
export function settingsPage({ desk, grants, views, secret, live }: RouteParts): RequestHandler {
  return async (request, response) => {
    const caller = callerOf(request);
    const [settings, resellers, watch] = await Promise.all([desk.settings(), grants.list(), desk.watch()]);
    response.send(
      views('settings', {
        title: phrase`Settings`,
        here: 'settings',
        ...choicesView(formOf(settings)),
        wrong: null,
        watch: watchView(watch),
        idle: field(request.query, 'idle') === '1',
        livePort: live.port,
        resellers: resellers.map(resellerRow),
        csrf: formToken(secret, caller),
      }),
    );
  };
}

/** Grants an action to a reseller, or takes back all that was granted, and goes back to the settings. */
export function changeGrant({ grants, audit }: RouteParts): RequestHandler {
  return async (request, response) => {
    const { user, role, address } = callerOf(request);
    const reseller = parseReseller(field(request.body, 'reseller'));
    const action = field(request.body, 'revoke') === '1' ? null : parseAction(field(request.body, 'action'));
    await (action === null ? grants.revoke(reseller) : grants.allow(reseller, action));
    const what = action === null ? 'revoke' : `grant ${action}`;
    audit.note({
      user,
      role,
      address,
      via: 'whm',
      action: what,
      about: reseller,
      result: 'done',
      deed: true,
    });
    response.redirect(303, '?r=settings');
  };
}

/** Turns the watch on or off, and goes back to the settings, which say when there is nothing yet that it could keep. */
export function changeWatch({ desk, audit }: RouteParts): RequestHandler {
  return async (request, response) => {
    const { user, role, address } = callerOf(request);
    const mode = modeOf(field(request.body, 'mode'));
    const { idle } = await desk.turnWatch(mode);
    audit.note({ user, role, address, via: 'whm', action: `watch ${mode}`, result: 'done', deed: true });
    response.redirect(303, idle ? '?r=settings&idle=1' : '?r=settings');
  };
}

function modeOf(text: string): WatchStanding['mode'] {
  if (text === 'repair' || text === 'notify' || text === 'off') return text;
  throw new Problem(
    'invalid',
    phrase`That is nothing that the watch does; use its buttons on the page Settings.`,
  );
}

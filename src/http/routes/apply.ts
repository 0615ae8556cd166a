import type { RequestHandler } from 'express';
import { Problem } from '../../core/problem.ts';
import type { RouteParts } from '../app.ts';
import { whoOf } from '../caller.ts';
import { field } from '../guard.ts';
import { readForm, typedForm, type SettingsForm } from '../settings-form.ts';

/** Runs the plan that was shown and goes to the run; if the server changed since, shows the new plan instead. */
export function applyPlan({ desk }: RouteParts): RequestHandler {
  return async (request, response) => {
    const base = await desk.settings();
    const form = typedForm(request.body, base);
    try {
      const run = await desk.apply(field(request.body, 'plan'), readForm(form, base), whoOf(request));
      response.redirect(303, `?r=runs/${run}`);
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'change-conflict') throw error;
      response.redirect(303, `?r=plan&changed=1&${planQuery(form)}`);
    }
  };
}

function planQuery({ range, address, ipv6, firewall }: SettingsForm): string {
  return new URLSearchParams({ range, address, ipv6: ipv6 ? '1' : '0', firewall }).toString();
}

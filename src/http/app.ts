import express, { type Express } from 'express';
import type { Problem } from '../core/problem.ts';
import type { Desk } from './desk.ts';
import { errors, notFound } from './errors.ts';
import { ownForm, sameOrigin } from './guard.ts';
import { securityHeaders } from './headers.ts';
import { identity } from './identity.ts';
import type { Live } from './live.ts';
import { applyPlan } from './routes/apply.ts';
import { diagnosePage, diagnosePaste } from './routes/diagnose.ts';
import { runEvents, runRecording } from './routes/events.ts';
import { planPage } from './routes/plan.ts';
import { cancelRun, confirmRun, runPage, undoRun } from './routes/run.ts';
import { runsPage } from './routes/runs.ts';
import { statusPage } from './routes/status.ts';
import { mintTicket } from './routes/ticket.ts';
import { verifyNow, verifyPage } from './routes/verify.ts';
import type { Tickets } from './tickets.ts';
import { createViews, type Views } from './views.ts';

/** Everything the pages stand on. */
export interface AppParts {
  readonly desk: Desk;
  /** The text of a template in templates/, by its name without `.hbs`. Asked for once, at the start. */
  readonly template: (name: string) => string;
  /** The key of the form tokens, at least 32 bytes; the same over restarts keeps open forms good. */
  readonly secret: Uint8Array;
  readonly tickets: Tickets;
  readonly live: Live;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Told of every failure that nobody foresaw. */
  readonly report: (problem: Problem) => void;
}

/** What a route may use. */
export interface RouteParts extends Omit<AppParts, 'template' | 'report'> {
  readonly views: Views;
}

/** The pages and their routes, in the order in which a request meets them. */
export function createApp(parts: AppParts): Express {
  const views = createViews(parts.template);
  const route: RouteParts = { ...parts, views };
  const app = express();
  app.disable('x-powered-by').disable('etag').set('query parser', 'simple').set('strict routing', true);

  app.use(securityHeaders(parts.live.port));
  app.use(identity());
  app.use(sameOrigin());
  app.use(express.urlencoded({ extended: false, limit: '64kb', parameterLimit: 50 }));
  app.use(ownForm(parts.secret));

  app.get('/status', statusPage(route));
  app.get('/plan', planPage(route));
  app.post('/apply', applyPlan(route));
  app.get('/verify', verifyPage(route));
  app.post('/verify', verifyNow(route));
  app.get('/diagnose', diagnosePage(route));
  app.post('/diagnose', diagnosePaste(route));
  app.get('/runs', runsPage(route));
  app.get('/runs/:run', runPage(route));
  app.post('/runs/:run/undo', undoRun(route));
  app.post('/runs/:run/cancel', cancelRun(route));
  app.post('/runs/:run/confirm', confirmRun(route));
  app.get('/runs/:run/events', runEvents(route));
  app.post('/runs/:run/ticket', mintTicket(route));
  app.get('/runs/:run/recording', runRecording(route));

  app.use(notFound());
  app.use(errors(views, parts.report));
  return app;
}

import express, { type Express, type RequestHandler } from 'express';
import type { Problem } from '../core/problem.ts';
import type { Proofs } from '../outside/proofs.ts';
import type { Grants } from '../runs/grants.ts';
import { audited, type Audit } from './audit.ts';
import type { Desk } from './desk.ts';
import { errors, notFound } from './errors.ts';
import { ownForm, sameOrigin } from './guard.ts';
import { securityHeaders } from './headers.ts';
import { identity } from './identity.ts';
import type { Live } from './live.ts';
import { permit, type Need } from './permission.ts';
import { pace } from './pace.ts';
import { applyPlan } from './routes/apply.ts';
import { diagnosePage, diagnosePaste } from './routes/diagnose.ts';
import { runEvents, runRecording } from './routes/events.ts';
import { helpPage } from './routes/help.ts';
import { renewLease } from './routes/lease.ts';
import { livePortPage, changeLivePort } from './routes/live-port.ts';
import { beginOutside, endOutside, outsidePage, outsideProof, outsideResult } from './routes/outside.ts';
import { planPage } from './routes/plan.ts';
import { reachPage } from './routes/reach.ts';
import { cancelRun, confirmRun, runPage, undoRun } from './routes/run.ts';
import { runsPage } from './routes/runs.ts';
import { changeGrant, changeWatch, settingsPage } from './routes/settings.ts';
import { setUp, setupPage } from './routes/setup.ts';
import { statusPage } from './routes/status.ts';
import { mintTicket } from './routes/ticket.ts';
import { verifyNow, verifyPage } from './routes/verify.ts';
import type { Tickets } from './tickets.ts';
import { createViews, type Templates, type Views } from './views.ts';

/** Everything the pages stand on. */
export interface AppParts {
  readonly desk: Desk;
  readonly templates: Templates;
  /** The key of the form tokens, at least 32 bytes; the same over restarts keeps open forms good. */
  readonly secret: Uint8Array;
  readonly tickets: Tickets;
  readonly live: Live;
  readonly grants: Grants;
  readonly outside: Proofs;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Told of every change that is asked for, and of every refusal. */
  readonly audit: Audit;
  /** Told of every failure that nobody foresaw. */
  readonly report: (problem: Problem) => void;
}

/** What a route may use. */
export interface RouteParts extends Omit<AppParts, 'template' | 'report'> {
  readonly views: Views;
}

/**
 * Every route, with what it asks of its caller. There is no other way to make a route, so none can be without that.
 */
export const ROUTES: readonly (readonly [
  method: 'get' | 'post',
  path: string,
  needs: Need,
  answer: (parts: RouteParts) => RequestHandler,
])[] = [
  ['get', '/status', 'look', statusPage],
  ['get', '/setup', 'setup', setupPage],
  ['post', '/setup', 'setup', setUp],
  ['get', '/plan', 'root', planPage],
  ['post', '/apply', 'root', applyPlan],
  ['get', '/verify', 'root', verifyPage],
  ['post', '/verify', 'root', verifyNow],
  ['get', '/outside', 'look', outsidePage],
  ['post', '/outside', 'look', beginOutside],
  ['get', '/outside/:proof', 'look', outsideProof],
  ['get', '/outside/:proof/result', 'look', outsideResult],
  ['post', '/outside/:proof/end', 'look', endOutside],
  ['get', '/reach', 'root', reachPage],
  ['get', '/diagnose', 'root', diagnosePage],
  ['post', '/diagnose', 'root', diagnosePaste],
  ['get', '/settings', 'root', settingsPage],
  ['post', '/grants', 'root', changeGrant],
  ['post', '/watch', 'root', changeWatch],
  ['get', '/live-port', 'root', livePortPage],
  ['post', '/live-port', 'root', changeLivePort],
  ['get', '/help', 'look', helpPage],
  ['get', '/runs', 'root', runsPage],
  ['get', '/runs/:run', 'own-run', runPage],
  ['post', '/runs/:run/undo', 'root', undoRun],
  ['post', '/runs/:run/cancel', 'root', cancelRun],
  // A firewall that was reloaded takes the run back unless whoever started it shows that they still get in.
  ['post', '/runs/:run/confirm', 'own-run', confirmRun],
  ['get', '/runs/:run/events', 'own-run', runEvents],
  ['post', '/runs/:run/ticket', 'own-run', mintTicket],
  ['post', '/runs/:run/lease', 'own-run', renewLease],
  ['get', '/runs/:run/recording', 'own-run', runRecording],
];

/** The pages and their routes, in the order in which a request meets them. */
export function createApp(parts: AppParts): Express {
  const views = createViews(parts.templates);
  const route: RouteParts = { ...parts, views };
  const app = express();
  app.disable('x-powered-by').disable('etag').set('query parser', 'simple');
  app.set('strict routing', true).set('case sensitive routing', true);

  app.use(securityHeaders(parts.live.port));
  app.use(audited(parts.audit, parts.now));
  app.use(pace(parts.now));
  app.use(identity(parts.grants));
  app.use(sameOrigin());
  app.use(express.urlencoded({ extended: false, limit: '64kb', parameterLimit: 50 }));
  app.use(ownForm(parts.secret));

  for (const [method, path, needs, answer] of ROUTES)
    app[method](path, permit(needs, parts.desk), answer(route));

  app.use(notFound());
  app.use(errors(views, parts.report));
  return app;
}

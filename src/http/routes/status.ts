import type { RequestHandler } from 'express';
import type { RouteParts } from '../app.ts';
import { callerOf } from '../caller.ts';
import { phrase } from '../../core/phrase.ts';
import type { Status } from '../../core/status.ts';
import { openPage, sendPage } from '../opening.ts';
import { isOwn, may, maySeeProof } from '../permission.ts';
import { lastProofWords } from '../view/last-proof.ts';
import { statusToLookAt } from '../view/look.ts';
import { statusView } from '../view/status.ts';
import { runRow } from '../view/record.ts';

/** The home page: the path of a passive connection on this server, and what is wrong with it. */
export function statusPage({ desk, outside, views }: RouteParts): RequestHandler {
  // A look costs the server a second: all resellers who look at the same time share one.
  let shared: Promise<Status> | null = null;
  const sharedStatus = (): Promise<Status> => (shared ??= desk.status().finally(() => (shared = null)));

  return async (request, response) => {
    const caller = callerOf(request);
    const isRoot = caller.role === 'root';
    const place = { title: phrase`Passive FTP on this server`, here: 'status' };
    openPage(views, request, response, place);
    const [status, runs, proof] = await Promise.all([
      isRoot ? desk.status() : sharedStatus(),
      desk.runs(),
      outside.lastProof(),
    ]);
    const running = runs.find((run) => run.state === 'running' && (isRoot || isOwn(caller, run)));
    sendPage(
      response,
      views('status', {
        ...place,
        caller,
        setup: isRoot ? 'plan' : may(caller, 'setup') ? 'setup' : '',
        running: running ? runRow(running) : null,
        tried: proof !== null && maySeeProof(caller, proof) ? lastProofWords(proof, status) : '',
        ...statusView(isRoot ? status : statusToLookAt(status), isRoot),
      }),
    );
  };
}

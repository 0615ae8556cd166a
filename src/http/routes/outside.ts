import type { Request, RequestHandler, Response } from 'express';
import { phrase } from '../../core/phrase.ts';
import { Problem } from '../../core/problem.ts';
import type { Standing } from '../../outside/proofs.ts';
import { targetsOf } from '../../outside/commands.ts';
import type { RouteParts } from '../app.ts';
import { callerOf, plainHost } from '../caller.ts';
import { field, formToken } from '../guard.ts';
import { alsoConnect } from '../headers.ts';
import { maySeeProof } from '../permission.ts';
import { lastProofRow } from '../view/last-proof.ts';
import { outsideView } from '../view/outside.ts';

/** What the proof from outside is, the buttons that begin it, and to whom it may be told what the last one showed. */
export function outsidePage({ views, secret, outside }: RouteParts): RequestHandler {
  return async (request, response) => {
    const caller = callerOf(request);
    const csrf = formToken(secret, caller);
    const kept = await outside.lastProof();
    const last = kept !== null && maySeeProof(caller, kept) ? lastProofRow(kept) : null;
    response.send(
      views('outside', { title: phrase`Proof from outside`, here: 'outside', caller, csrf, last }),
    );
  };
}

/** Listens on ports of the range, and goes to the page of that proof. */
export function beginOutside({ outside }: RouteParts): RequestHandler {
  return async (request, response) => {
    const caller = callerOf(request);
    const by = field(request.body, 'by') === 'command' ? 'command' : 'browser';
    const { id } = await outside.begin(by, {
      user: caller.user,
      isRoot: caller.role === 'root',
      visitor: caller.address === '' ? null : caller.address,
      name: plainHost(caller),
    });
    response.redirect(303, `?r=outside/${id}`);
  };
}

/** A proof under way, or what it came to. The page's code makes the tries of a browser. */
export function outsideProof(parts: RouteParts): RequestHandler {
  return async (request, response) => {
    const { views, secret, now } = parts;
    const caller = callerOf(request);
    const standing = await standingOf(parts, request);
    const { proof, over } = standing;
    const tries = proof.by === 'browser' && !over ? targetsOf(proof) : [];
    letTry(response, tries);
    response.send(
      views('outside-proof', {
        title: phrase`Proof from outside`,
        here: 'outside',
        caller,
        csrf: formToken(secret, caller),
        tries: tries.join(' '),
        ...outsideView(standing, now(), caller.role === 'root'),
      }),
    );
  };
}

/** How far it is, for the page's code. */
export function outsideResult(parts: RouteParts): RequestHandler {
  return async (request, response) => {
    const { over, judgement } = await standingOf(parts, request);
    const arrived = judgement.ports.filter(({ result }) => result === 'arrived').length;
    const all = judgement.ports.filter(({ result }) => result !== 'here').length;
    response.json({ over, arrived, all });
  };
}

/** Ends it before its time: the page's code has tried all, or the person has seen enough. */
export function endOutside(parts: RouteParts): RequestHandler {
  return async (request, response) => {
    const { proof } = await standingOf(parts, request);
    await parts.outside.end(proof.id, field(request.body, 'tried') === '1');
    response.redirect(303, `?r=outside/${proof.id}`);
  };
}

/** One of somebody else is for root alone; to others it is not there. */
async function standingOf({ outside }: RouteParts, request: Request): Promise<Standing> {
  const { user, role } = callerOf(request);
  const id = request.params['proof'];
  const standing = await outside.look(typeof id === 'string' ? id : '');
  if (role !== 'root' && standing.proof.user !== user)
    throw new Problem('not-found', phrase`There is no such test any more; begin a new one.`);
  return standing;
}

function letTry(response: Response, targets: readonly string[]): void {
  // A policy cannot name an IPv6 literal.
  const nameable = targets.filter((target) => !target.startsWith('['));
  if (nameable.length > 0)
    alsoConnect(
      response,
      nameable.map((target) => `https://${target}`),
    );
}

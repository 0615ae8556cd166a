import type { Request, RequestHandler } from 'express';
import type { Action } from '../core/grants.ts';
import { phrase } from '../core/phrase.ts';
import { Problem } from '../core/problem.ts';
import type { RunRecord } from '../runs/record.ts';
import { callerOf, type Caller } from './caller.ts';
import type { Desk } from './desk.ts';

/**
 * What a route asks of its caller. `look`: the plugin's privilege; an action: that root granted it to this reseller;
 * `own-run`: that the run is one that this reseller has set up, and still may; `root`: root or all privileges. Root has
 * all of them.
 */
export type Need = 'look' | Action | 'own-run' | 'root';

export function may(caller: Caller, need: Exclude<Need, 'own-run'>): boolean {
  if (caller.role === 'root') return true;
  if (need === 'root') return false;
  return need === 'look' || caller.actions.includes(need);
}

/** Whether the run was set up from WHM by this very caller. */
export function isOwn(caller: Caller, { who, verb }: Pick<RunRecord, 'who' | 'verb'>): boolean {
  return who.via === 'whm' && who.user === caller.user && verb === 'apply';
}

/** Whether the caller may be told of a proof from outside that this user has made; null: somebody at the machine. */
export function maySeeProof({ role, user }: Caller, by: { readonly user: string | null }): boolean {
  return role === 'root' || by.user === user;
}

/** Lets through who has what the route needs. @throws Problem `access-denied` */
export function permit(need: Need, desk: Pick<Desk, 'run'>): RequestHandler {
  return async (request, _response, next) => {
    const caller = callerOf(request);
    if (need !== 'own-run') {
      if (!may(caller, need)) throw refusal(need);
    } else if (caller.role !== 'root') {
      if (!may(caller, 'setup') || !(await isRunOf(caller, request, desk))) throw refusal(need);
    }
    next();
  };
}

/** What cannot be told is not theirs; a run that is not there is refused like one of others. */
async function isRunOf(caller: Caller, { params }: Request, desk: Pick<Desk, 'run'>): Promise<boolean> {
  const { run } = params;
  if (typeof run !== 'string') return false;
  try {
    return isOwn(caller, await desk.run(run));
  } catch {
    return false;
  }
}

function refusal(need: Need): Problem {
  const what: Readonly<Record<Need, string>> = {
    look: phrase`This is for WHM users whom root has given the plugin’s privilege; ask the server’s root.`,
    setup: phrase`Root has not granted you to set up passive FTP; ask the server’s root for it.`,
    'own-run': phrase`This run is not one that you have started; only root can see the others.`,
    root: phrase`This is for root and for WHM users with all privileges; ask the server’s root.`,
  };
  return new Problem('access-denied', what[need]);
}

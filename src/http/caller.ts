import type { Request } from 'express';
import type { Action } from '../core/grants.ts';
import type { Visitor } from '../engine/way-in.ts';
import type { Who } from '../runs/record.ts';

/**
 * Who asks, as the CGI established it. `session`: WHM's security token; `host`: what the browser calls the server.
 * `root`: root, and who has all privileges; `reseller`: holds the plugin's privilege and may do what root has granted.
 */
export interface Caller {
  readonly user: string;
  readonly role: 'root' | 'reseller';
  /** What root has granted to a reseller; root needs none. */
  readonly actions: readonly Action[];
  readonly address: string;
  readonly session: string;
  readonly host: string;
}

const callers = new WeakMap<Request, Caller>();

export function setCaller(request: Request, caller: Caller): void {
  callers.set(request, caller);
}

/** The caller that identity let through; null before it has, or when it has not. */
export function knownCaller(request: Request): Caller | null {
  return callers.get(request) ?? null;
}

/** The caller that identity let through. Asking before identity has run is a fault of the program. */
export function callerOf(request: Request): Caller {
  const caller = callers.get(request);
  if (!caller) throw new Error('A route was reached before identity was checked.');
  return caller;
}

/** The caller as a run's record names it. */
export function whoOf(request: Request): Who {
  const { user, address } = callerOf(request);
  return { user, address, via: 'whm' };
}

/**
 * The origin of the page that the caller sees, like `https://server.example:2087`, or null when the host that the
 * browser sent is not a host.
 */
export function originOf(caller: Caller): string | null {
  if (!/^(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i.test(caller.host)) return null;
  try {
    return new URL(`https://${caller.host}`).origin;
  } catch {
    return null;
  }
}

/** What the caller's browser calls this server, without a port; null when it does not say. */
export function plainHost({ host }: Caller): string | null {
  const name = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]+))(?::\d{1,5})?$/i.exec(host);
  return name?.[1] ?? name?.[2] ?? null;
}

/** Where the caller comes from, and the port of this server that their browser uses: a subdomain of WHM has none. */
export function visitorOf({ address, host }: Caller): Visitor {
  const port = /:(\d{1,5})$/.exec(host)?.[1];
  return { address, port: Number(port ?? 443) };
}

/** Whether the answer is read by the page's own code and not by a person. */
export function isForCode(request: Request): boolean {
  return /\/(?:events|ticket|lease|result)$/.test(request.path);
}

/**
 * One thing that somebody did or was refused. No field ever holds a form token, a ticket, a password or WHM's session:
 * `action` is a route's pattern or a verb, never an address as it was asked for.
 */
export interface AuditEvent {
  /** Who; empty where nobody could be named. */
  readonly user: string;
  /** What they were let in as; `none`: not let in. Left out by a run, whose request was told with it. */
  readonly role?: 'root' | 'reseller' | 'none';
  /** Where from: an address, or `local`. */
  readonly address: string;
  readonly via: 'whm' | 'live' | 'cli';
  /** Like `POST /runs/:run/undo`, `attach`, `apply` or `grant`. */
  readonly action: string;
  /** The run, the reseller or whatever else the action is about. */
  readonly about?: string;
  /** Like `303`, `403 access-denied`, `1008`, `done`. */
  readonly result: string;
  /** Whether something was changed, or begun to be. What was only asked for, or refused, is kept apart: it may be a flood. */
  readonly deed?: true;
}

/** Where it is told; it never throws, and never keeps anybody waiting. */
export interface Audit {
  note(event: AuditEvent): void;
}

const LONGEST = 200;
/** WHM's session in an address, and whatever is as long and as random as a token or a ticket. */
const SECRET = /cpsess[A-Za-z0-9]*|[A-Za-z0-9_-]{32,}/g;

/** One JSON line, without its end. Texts come from requests: they are cut, and lose all that could be a secret. */
export function auditLine(event: AuditEvent, now: Date): string {
  const { user, role, address, via, action, about, result } = event;
  const told = { user, role, address, via, action, about, result };
  const texts = Object.entries(told).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const clean = texts.map(([name, value]) => [name, cleaned(value)] as const);
  return JSON.stringify({ time: now.toISOString(), ...Object.fromEntries(clean) });
}

function cleaned(text: string): string {
  return text
    .replace(/[^\x20-\x7e]/g, '?')
    .replace(SECRET, '(hidden)')
    .slice(0, LONGEST);
}

import { randomBytes, randomInt } from 'node:crypto';

/** Somebody who has logged in. `token` begins with a slash. */
export interface Session {
  readonly user: string;
  readonly password: string;
  readonly token: string;
}

export interface Sessions {
  /** A new session, and the Set-Cookie line that carries it. */
  open(user: string, password: string): { session: Session; cookie: string };
  close(session: Session): void;
  /** The session that a Cookie header names. */
  of(cookie: string | undefined): Session | undefined;
}

/** documented: the cookie `whostmgrsession` with a URL-encoded name, a comma and hexadecimal digits, host-only. */
export function createSessions(): Sessions {
  const held = new Map<string, Session>();
  return {
    open(user, password) {
      const name = `${user}:${randomBytes(12).toString('base64url')},${randomBytes(16).toString('hex')}`;
      const session = { user, password, token: `/cpsess${randomInt(1_000_000_000, 9_999_999_999)}` };
      held.set(name, session);
      return { session, cookie: sessionCookie(name) };
    },
    close(session) {
      for (const [name, each] of held) if (each === session) held.delete(name);
    },
    of(cookie = '') {
      const value = /(?:^|;\s*)whostmgrsession=([^;]*)/.exec(cookie)?.[1] ?? '';
      return held.get(decodeURIComponent(value));
    },
  };
}

/** documented: what a failed log-in sets. */
export function anonymousCookie(): string {
  return sessionCookie(`:${randomBytes(12).toString('base64url')},OB${randomBytes(16).toString('hex')}`);
}

function sessionCookie(name: string): string {
  return `whostmgrsession=${encodeURIComponent(name)}; HttpOnly; path=/; port=2087; secure`;
}

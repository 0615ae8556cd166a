import * as z from 'zod/mini';
import { phrase } from '../core/phrase.ts';

/** A cPanel account that can lend its FTP server a throw-away login. */
export interface Account {
  readonly user: string;
  readonly domain: string;
}

const UAPI = '/usr/local/cpanel/bin/uapi';
/** Always the same name, so that one left over by a crash is taken away by the next test. */
const NAME = 'ftp-passive-check';
/** Every account has this directory from its first day. */
const HOME = 'public_ftp';

/** Reads `/var/cpanel/users/USER`: null for an account that is suspended or has no domain. */
export function readAccount(user: string, text: string): Account | null {
  const domain = /^DNS=(\S+)$/m.exec(text)?.[1];
  return domain === undefined || /^SUSPENDED=1$/m.test(text) ? null : { user, domain };
}

/** The commands of cPanel's documented UAPI that make and remove a login. @see uapi Ftp add_ftp, delete_ftp */
export function loginCommands(
  account: Account,
  password: string,
): { add: string[]; remove: string[]; user: string } {
  const call = (verb: string, ...fields: string[]): string[] => [
    UAPI,
    '--output=json',
    `--user=${account.user}`,
    'Ftp',
    verb,
    ...fields,
  ];
  return {
    add: call(
      'add_ftp',
      `user=${NAME}`,
      `pass=${password}`,
      `homedir=${HOME}`,
      'quota=1',
      `domain=${account.domain}`,
    ),
    remove: call('delete_ftp', `user=${NAME}`, `domain=${account.domain}`, 'destroy=0'),
    user: `${NAME}@${account.domain}`,
  };
}

const answer = z.object({
  result: z.object({ status: z.number(), errors: z.optional(z.nullable(z.array(z.string()))) }),
});

/** Null when the call succeeded, else why not. The exit code says nothing. */
export function uapiFailure(stdout: string): string | null {
  let json: unknown;
  try {
    json = JSON.parse(stdout);
  } catch {
    return phrase`uapi gave no answer that can be read`;
  }
  const parsed = answer.safeParse(json);
  if (!parsed.success) return phrase`uapi gave an answer of another shape`;
  return parsed.data.result.status === 1
    ? null
    : (parsed.data.result.errors?.join(' ') ?? phrase`uapi refused`);
}

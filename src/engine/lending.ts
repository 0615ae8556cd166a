import { phrase } from '../core/phrase.ts';
import { Problem } from '../core/problem.ts';
import { loginCommands, readAccount, uapiFailure, type Account } from '../ftp/login.ts';
import type { Login } from '../ftp/session.ts';
import type { EnginePorts } from './survey.ts';

/** A login to talk with, or why there is none. */
export interface Voice {
  readonly login: Login | null;
  readonly whyNoLogin: string;
}

const USERS = '/var/cpanel/users';
/** Files there that are no accounts. */
const NOT_ACCOUNTS = ['system', 'nobody', 'root'];

/** A login that somebody gave for one test; null: a throw-away one is made. */
export type GivenLogin = Login | null;

/**
 * A login that somebody gives for one test. It is neither kept nor told.
 * @throws Problem `invalid` for what would not be one line of FTP each
 */
export function givenLogin(user: string, password: string): Login {
  for (const [name, text] of [
    [phrase`user`, user],
    [phrase`password`, password],
  ] as const) {
    if (text === '' || /[\0\r\n]/.test(text))
      throw new Problem(
        'invalid',
        phrase`The ${name} of the FTP login is ${text === '' ? phrase`empty` : phrase`no single line`}.`,
      );
  }
  return { user, password };
}

/** Lends a throw-away login of an account, and takes it away again whatever happens. */
export async function withLogin<T>(ports: EnginePorts, use: (voice: Voice) => Promise<T>): Promise<T> {
  const account = await lender(ports);
  if (account === null) {
    const whyNoLogin = phrase`No cPanel account is here that could lend a login, and PASV is refused before login.`;
    return use({ login: null, whyNoLogin });
  }
  const password = ports.randomPassword();
  const commands = loginCommands(account, password);
  // One that a crash left behind would be in the way.
  await ports.run(commands.remove, { timeoutSeconds: 60 });
  const added = await ports.run(commands.add, { timeoutSeconds: 60 });
  const failure = added.missing ? phrase`uapi is not here` : uapiFailure(added.stdout);
  try {
    const login: Login | null = failure === null ? { user: commands.user, password } : null;
    const whyNoLogin = phrase`A throw-away login could not be made: ${(failure ?? '').replace(/\.$/, '')}.`;
    return await use({ login, whyNoLogin });
  } finally {
    await ports.run(commands.remove, { timeoutSeconds: 60 });
  }
}

/** Takes away the throw-away login that a process which was killed has lent. One that is not there is no failure. */
export async function takeLoginAway(ports: EnginePorts): Promise<void> {
  const account = await lender(ports);
  if (account !== null) await ports.run(loginCommands(account, '').remove, { timeoutSeconds: 60 });
}

async function lender(ports: EnginePorts): Promise<Account | null> {
  for (const user of (await ports.files.list(USERS)).filter((name) => !NOT_ACCOUNTS.includes(name)).sort()) {
    const file = await ports.files.read(`${USERS}/${user}`);
    const account = file === null ? null : readAccount(user, file.text);
    if (account !== null) return account;
  }
  return null;
}

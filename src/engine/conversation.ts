import type { Check } from '../core/check.ts';
import type { Settings } from '../core/settings.ts';
import { loginCommands, readAccount, uapiFailure, type Account } from '../ftp/login.ts';
import { probe, type Login } from '../ftp/probe.ts';
import type { EnginePorts, Sight } from './survey.ts';
import { wishOf } from './wish.ts';

const USERS = '/var/cpanel/users';
/** Files there that are no accounts. */
const NOT_ACCOUNTS = ['system', 'nobody', 'root'];

/** Talks to the FTP server with a throw-away login, and takes the login away again whatever happens. */
export async function talk(ports: EnginePorts, found: Sight, settings: Settings): Promise<Check[]> {
  const { reading, localAddress } = found;
  if (reading === null || localAddress === null) {
    const fact =
      reading === null
        ? 'No FTP server is set up here that this version knows.'
        : 'This server has no IPv4 address to connect to.';
    return [{ id: 'control', title: 'The FTP server answers', result: 'skip', fact }];
  }
  const target = { host: localAddress, port: reading.controlPort, wish: wishOf(found, settings) };
  const account = await lender(ports);
  if (account === null) {
    const whyNoLogin = 'No cPanel account is here that could lend a login, and PASV is refused before login.';
    return probe(ports.dial, { ...target, login: null, whyNoLogin });
  }
  const password = ports.randomPassword();
  const commands = loginCommands(account, password);
  // One that a crash left behind would be in the way.
  await ports.run(commands.remove, { timeoutSeconds: 60 });
  const added = await ports.run(commands.add, { timeoutSeconds: 60 });
  const failure = added.missing ? 'uapi is not here' : uapiFailure(added.stdout);
  try {
    const login: Login | null = failure === null ? { user: commands.user, password } : null;
    const whyNoLogin = `A throw-away login could not be made: ${(failure ?? '').replace(/\.$/, '')}.`;
    return await probe(ports.dial, { ...target, login, whyNoLogin });
  } finally {
    await ports.run(commands.remove, { timeoutSeconds: 60 });
  }
}

async function lender(ports: EnginePorts): Promise<Account | null> {
  for (const user of (await ports.files.list(USERS)).filter((name) => !NOT_ACCOUNTS.includes(name)).sort()) {
    const file = await ports.files.read(`${USERS}/${user}`);
    const account = file === null ? null : readAccount(user, file.text);
    if (account !== null) return account;
  }
  return null;
}

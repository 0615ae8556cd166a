import { environmentOf, readProcess } from './process.ts';

const NAME = 'SSH_CONNECTION=';

/** The client of a login over SSH, as its server names it: address and the port of this side. */
export interface Login {
  readonly address: string;
  readonly port: number;
}

/**
 * The login over SSH that this process was started from. sudo and su take its name out of the environment, so the
 * processes above are asked too. Null when there is none.
 */
export function sshLogin(): Login | null {
  const seen = new Set<number>();
  for (let pid = process.pid; pid > 1 && !seen.has(pid); pid = readProcess(pid)?.parent ?? 0) {
    seen.add(pid);
    const connection = environmentOf(pid).find((each) => each.startsWith(NAME));
    const login = parseConnection(connection?.slice(NAME.length));
    if (login !== null) return login;
  }
  return null;
}

/** @param text `ADDRESS PORT ADDRESS PORT`: the client's, then this side's */
export function parseConnection(text: string | undefined): Login | null {
  const [address = '', , , port = ''] = (text ?? '').split(' ');
  if (!/^[0-9a-f.:]+(%\S+)?$/i.test(address) || !/^\d{1,5}$/.test(port)) return null;
  return { address, port: Number(port) };
}

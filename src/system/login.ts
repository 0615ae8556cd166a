import { readFileSync } from 'node:fs';

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
  for (let pid = process.pid; pid > 1 && !seen.has(pid); pid = parentOf(pid)) {
    seen.add(pid);
    const login = parseConnection(environmentOf(pid)['SSH_CONNECTION']);
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

function environmentOf(pid: number): Readonly<Record<string, string>> {
  const text = read(`/proc/${pid}/environ`);
  return Object.fromEntries(
    text.split('\0').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

function parentOf(pid: number): number {
  const stat = read(`/proc/${pid}/stat`);
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/**
 * Run on the internet's client: asks a server what a simple FTP client would find out, and prints it as JSON.
 * `ftp HOST USER PASSWORD RULE`: a conversation with PASV (EPSV too) and one data connection each, by this rule to
 * exactly what was named (`obey`), or as FileZilla does it (`filezilla`): to the server's own address where the one
 * named is not routable and the server's is. `connect HOST PORT...`: what a plain TCP connection to each port meets.
 */
import { connect, isIPv6, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** `refused`: the packet got through and nobody listens; `unreachable`: a router or firewall said no. */
export type Met = 'open' | 'refused' | 'unreachable' | 'timeout';

/** One passive mode as the client saw it. `reply`: the server's words, null when it gave none that names a port. */
export interface PassiveAnswer {
  readonly reply: string;
  readonly address: string | null;
  readonly port: number | null;
  readonly data: Met | null;
}

export interface FtpAnswer {
  readonly banner: string;
  readonly pasv: PassiveAnswer | null;
  readonly epsv: PassiveAnswer | null;
}

const PATIENCE_MS = 4000;

function meet(host: string, port: number): Promise<{ met: Met; socket: Socket }> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const done = (met: Met): void => {
      clearTimeout(timer);
      resolve({ met, socket });
    };
    const timer = setTimeout(() => done('timeout'), PATIENCE_MS);
    socket.once('connect', () => done('open'));
    socket.on('error', ({ code }: NodeJS.ErrnoException) =>
      done(code === 'ECONNREFUSED' ? 'refused' : 'unreachable'),
    );
  });
}

async function touch(host: string, port: number): Promise<Met> {
  const { met, socket } = await meet(host, port);
  socket.destroy();
  return met;
}

async function converse(host: string, user: string, password: string, rule: string): Promise<FtpAnswer> {
  const { met, socket } = await meet(host, 21);
  if (met !== 'open') throw new Error(`port 21 of ${host}: ${met}`);
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const reply = async (): Promise<string> => {
    for (;;) {
      const next = await lines.next();
      if (next.done === true) throw new Error('the server hung up');
      if (/^\d{3} /.test(next.value)) return next.value;
    }
  };
  const ask = (command: string): Promise<string> => {
    socket.write(`${command}\r\n`);
    return reply();
  };
  const banner = await reply();
  await ask(`USER ${user}`);
  const login = await ask(`PASS ${password}`);
  if (!login.startsWith('230')) throw new Error(login);
  const pasv = isIPv6(host) ? null : await passive(await ask('PASV'), host, rule);
  const epsv = await passive(await ask('EPSV'), host, rule);
  socket.end('QUIT\r\n');
  return { banner, pasv, epsv };
}

const UNROUTABLE = /^(0|10|127)\.|^169\.254\.|^192\.168\.|^172\.(1[6-9]|2\d|3[01])\./;

async function passive(reply: string, host: string, rule: string): Promise<PassiveAnswer> {
  const four = /^227\D*?(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3})/.exec(reply);
  const extended = /^229 .*\((.)\1\1(\d+)\1\)/.exec(reply);
  const address = four ? four.slice(1, 5).join('.') : extended ? host : null;
  const port = four ? Number(four[5]) * 256 + Number(four[6]) : extended ? Number(extended[2]) : null;
  const corrected =
    rule === 'filezilla' && address !== null && UNROUTABLE.test(address) && !UNROUTABLE.test(host);
  const data = address !== null && port !== null ? await touch(corrected ? host : address, port) : null;
  return { reply, address, port, data };
}

const [mode, host = '', ...rest] = process.argv.slice(2);
if (mode === 'connect') {
  const met = await Promise.all(rest.map(async (port) => [port, await touch(host, Number(port))] as const));
  console.log(JSON.stringify(Object.fromEntries(met)));
} else {
  const overall = setTimeout(() => process.exit(1), 3 * PATIENCE_MS);
  console.log(JSON.stringify(await converse(host, rest[0] ?? '', rest[1] ?? '', rest[2] ?? '')));
  clearTimeout(overall);
}
process.exit(0);

import { isIPv6 } from 'node:net';
import { bundle } from './bundle.ts';
import { writeFiles } from './files.ts';
import { ADDRESS } from './lab.ts';
import { type Ended, type Machine, ok } from './machine.ts';
import type { FtpAnswer, Met } from './probe.ts';
import { FTP_USER } from './state.ts';

export type { FtpAnswer, Met, PassiveAnswer } from './probe.ts';

/** How a judge asks for the data connection. None of them corrects an address that the server names. */
export type Mode = 'PASV' | 'EPSV';

/** What came of sending 1 MiB there and back. `why`: the program's own words when it failed. */
export interface Transfer {
  readonly judge: 'curl' | 'lftp';
  readonly mode: Mode;
  readonly ok: boolean;
  readonly sent: string;
  readonly received: string | null;
  readonly why: string;
}

const PROBE = '/run/probe.mjs';
const SIZE = 1024 * 1024;
const PATIENCE_S = 4;

/** A raw FTP conversation from the internet's client. @throws Error when it could not log in */
export async function probe(
  client: Machine,
  host: string = ADDRESS.public,
  login: { readonly name: string; readonly password: string } = FTP_USER,
): Promise<FtpAnswer> {
  return JSON.parse(await node(client, ['ftp', host, login.name, login.password])) as FtpAnswer;
}

/** What a plain TCP connection from the client meets at each port. */
export async function connectTo(
  client: Machine,
  ports: readonly number[],
  host: string = ADDRESS.public,
): Promise<ReadonlyMap<number, Met>> {
  const met = JSON.parse(await node(client, ['connect', host, ...ports.map(String)])) as Record<string, Met>;
  return new Map(Object.entries(met).map(([port, each]) => [Number(port), each]));
}

/** Sends 1 MiB of noise up and gets it down again, and compares. */
export async function transfer(
  client: Machine,
  judge: 'curl' | 'lftp',
  mode: Mode,
  host: string = ADDRESS.public,
): Promise<Transfer> {
  const made = await ok(
    client.run(['sh', '-ec', `head -c ${SIZE} /dev/urandom >/tmp/up; rm -f /tmp/down; sha256sum /tmp/up`]),
  );
  const { code, stderr, stdout } = await (judge === 'curl'
    ? curl(client, mode, host)
    : lftp(client, mode, host));
  const sum = await client.run(['sha256sum', '/tmp/down']);
  const sent = made.slice(0, 64);
  const received = sum.code === 0 ? sum.stdout.slice(0, 64) : null;
  const why = reason(`${stderr}${stdout}`);
  return { judge, mode, ok: code === 0 && sent === received, sent, received, why };
}

/** curl's own last words name the control port when it was the data connection that failed; its log does not. */
function reason(words: string): string {
  const lines = words.trim().split('\n');
  const told =
    lines.find((line) => /^\* connect to .* failed/.test(line)) ??
    lines.find((line) => line.startsWith('curl:'));
  return (told ?? lines[0] ?? '').replace(/^\* /, '');
}

async function curl(client: Machine, mode: Mode, host: string): Promise<Ended> {
  const url = `ftp://${isIPv6(host) ? `[${host}]` : host}/noise`;
  const modes = mode === 'PASV' ? ['--disable-epsv'] : [];
  const strict = [
    '-sSv',
    '--no-ftp-skip-pasv-ip',
    '--ftp-pasv',
    ...modes,
    '--user',
    `${FTP_USER.name}:${FTP_USER.password}`,
  ];
  const patience = ['--connect-timeout', String(PATIENCE_S), '--max-time', '20'];
  const up = await client.run(['curl', ...strict, ...patience, '--upload-file', '/tmp/up', url]);
  return up.code === 0 ? client.run(['curl', ...strict, ...patience, '--output', '/tmp/down', url]) : up;
}

function lftp(client: Machine, mode: Mode, host: string): Promise<Ended> {
  const script = [
    'set cmd:fail-exit yes',
    'set ftp:ssl-allow no',
    'set ftp:passive-mode yes',
    'set ftp:fix-pasv-address no',
    `set ftp:prefer-epsv ${mode === 'EPSV' ? 'yes' : 'no'}`,
    `set net:timeout ${PATIENCE_S}`,
    'set net:max-retries 1',
    `open -u ${FTP_USER.name},${FTP_USER.password} ftp://${isIPv6(host) ? `[${host}]` : host}`,
    'put /tmp/up -o noise',
    'get noise -o /tmp/down',
    'bye',
  ];
  return client.run(['lftp', '--norc', '-c', script.join('; ')], { timeoutMs: 30_000 });
}

async function node(client: Machine, args: readonly string[]): Promise<string> {
  const there = await client.run(['test', '-e', PROBE]);
  if (there.code !== 0) await writeFiles(client, { [PROBE]: { text: await bundle('probe') } });
  return ok(client.run([process.execPath, PROBE, ...args], { timeoutMs: 20_000 }), ['probe', ...args]);
}

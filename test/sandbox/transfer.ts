import { isIPv6 } from 'node:net';
import { bundle } from './bundle.ts';
import { writeFiles } from './files.ts';
import { ADDRESS } from './lab.ts';
import { type Ended, type Machine, ok } from './machine.ts';
import type { FtpAnswer, Met } from './probe.ts';
import { FTP_USER } from './state.ts';

export type { FtpAnswer, Met, PassiveAnswer } from './probe.ts';

export type Judge = 'curl' | 'lftp';

/** How a judge asks for the data connection. */
export type Mode = 'PASV' | 'EPSV';

export interface Ways {
  /** Explicit TLS, on the control and on every data connection; a certificate that nobody knows is taken. */
  readonly tls?: boolean;
  /** The judge's own default: it corrects an address in a reply that cannot be right. Without it: it obeys. */
  readonly corrects?: boolean;
}

/**
 * What came of sending 1 MiB there and back. `ok`: both sums are equal, and it was done in the mode and with the
 * encryption that was asked for. `why`: the program's own words when it failed.
 */
export interface Transfer {
  readonly judge: Judge;
  readonly mode: Mode;
  readonly ok: boolean;
  readonly sent: string;
  readonly received: string | null;
  readonly why: string;
}

/** One transfer. `name`: of its file on the server; `up`, `down`: its files on the client. */
interface Job {
  readonly client: Machine;
  readonly mode: Mode;
  readonly host: string;
  readonly ways: Ways;
  readonly name: string;
  readonly up: string;
  readonly down: string;
}

const PROBE = '/run/probe.mjs';
const SIZE = 1024 * 1024;
const PATIENCE_S = 4;

/**
 * A raw FTP conversation from the internet's client. `rule`: which address it makes its data connections to.
 * @throws Error when it could not log in
 */
export async function probe(
  client: Machine,
  host: string = ADDRESS.public,
  login: { readonly name: string; readonly password: string } = FTP_USER,
  rule: 'obey' | 'filezilla' = 'obey',
): Promise<FtpAnswer> {
  return JSON.parse(await node(client, ['ftp', host, login.name, login.password, rule])) as FtpAnswer;
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

let transfers = 0;

/** Sends 1 MiB of noise up and gets it down again, and compares. Several may run at once. */
export async function transfer(
  client: Machine,
  judge: Judge,
  mode: Mode,
  host: string = ADDRESS.public,
  ways: Ways = {},
): Promise<Transfer> {
  const name = `noise-${(transfers += 1)}`;
  const job: Job = { client, mode, host, ways, name, up: `/tmp/${name}.up`, down: `/tmp/${name}.down` };
  const made = await ok(
    client.run([
      'sh',
      '-ec',
      'head -c "$2" /dev/urandom >"$1"; sha256sum "$1"',
      'make',
      job.up,
      String(SIZE),
    ]),
  );
  const { code, stderr, stdout } = await (judge === 'curl' ? curl : lftp)(job);
  const sum = await client.run([
    'sh',
    '-c',
    'sha256sum "$2"; code=$?; rm -f "$1" "$2"; exit $code',
    'sum',
    job.up,
    job.down,
  ]);
  const sent = made.slice(0, 64);
  const received = sum.code === 0 ? sum.stdout.slice(0, 64) : null;
  const words = `${stderr}${stdout}`;
  const strayed = code === 0 ? otherThanAsked(words, mode, ways) : null;
  const done = code === 0 && sent === received && strayed === null;
  return { judge, mode, ok: done, sent, received, why: done ? '' : (strayed ?? reason(words)) };
}

/** Both judges print what they say to the server. What of it is not what was asked for, or null. */
function otherThanAsked(words: string, mode: Mode, { tls = false }: Ways): string | null {
  const said = [...words.matchAll(/^-*> ([A-Z]+.*?)\s*$/gm)].map(([, command = '']) => command);
  const modes = new Set(said.filter((command) => command === 'PASV' || command === 'EPSV'));
  if (modes.size !== 1 || !modes.has(mode)) return `it used ${[...modes].join(' and ') || 'neither'}`;
  if (said.some((command) => command.startsWith('AUTH ')) !== tls)
    return tls ? 'it did not ask for TLS' : 'it asked for TLS';
  return /^<-* ?200 .*protection.*private/im.test(words) === tls
    ? null
    : `its data was ${tls ? 'not encrypted' : 'encrypted unasked'}`;
}

/** curl's own last words name the control port when it was the data connection that failed; its log does not. */
function reason(words: string): string {
  const lines = words.trim().split('\n');
  const told =
    lines.find((line) => /^\* connect to .* failed/.test(line)) ??
    lines.find((line) => line.startsWith('curl:')) ??
    lines.find((line) => /^(put|get|open|cd|rm): /.test(line));
  return (told ?? lines[0] ?? '').replace(/^\* /, '');
}

/** Both transfers in one process use one session. */
function curl({ client, mode, host, ways, name, up, down }: Job): Promise<Ended> {
  const url = `ftp://${isIPv6(host) ? `[${host}]` : host}/${name}`;
  const each = [
    ...['-sSv', '--fail-early', '--ftp-pasv', '--user', `${FTP_USER.name}:${FTP_USER.password}`],
    ...(ways.corrects === true ? [] : ['--no-ftp-skip-pasv-ip']),
    ...(mode === 'PASV' ? ['--disable-epsv'] : []),
    ...(ways.tls === true ? ['--ssl-reqd', '--insecure'] : []),
    ...['--connect-timeout', String(PATIENCE_S), '--max-time', '20'],
  ];
  const put = [...each, '--upload-file', up, url];
  // With a minus the file is removed after the transfer.
  const get = [...each, '--quote', `-DELE ${name}`, '--output', down, url];
  return client.run(['curl', ...put, '--next', ...get]);
}

function lftp({ client, mode, host, ways, name, up, down }: Job): Promise<Ended> {
  const tls = ways.tls === true;
  const script = [
    'debug 5',
    'set cmd:fail-exit yes',
    `set ftp:ssl-allow ${tls ? 'yes' : 'no'}`,
    `set ftp:ssl-force ${tls ? 'yes' : 'no'}`,
    'set ftp:ssl-protect-data yes',
    'set ssl:verify-certificate no',
    'set ftp:passive-mode yes',
    `set ftp:fix-pasv-address ${ways.corrects === true ? 'yes' : 'no'}`,
    `set ftp:prefer-epsv ${mode === 'EPSV' ? 'yes' : 'no'}`,
    `set net:timeout ${PATIENCE_S}`,
    'set net:max-retries 1',
    `open -u ${FTP_USER.name},${FTP_USER.password} ftp://${isIPv6(host) ? `[${host}]` : host}`,
    `put ${up} -o ${name}`,
    `get ${name} -o ${down}`,
    `rm ${name}`,
    'bye',
  ];
  return client.run(['lftp', '--norc', '-c', script.join('; ')], { timeoutMs: 30_000 });
}

async function node(client: Machine, args: readonly string[]): Promise<string> {
  const there = await client.run(['test', '-e', PROBE]);
  if (there.code !== 0) await writeFiles(client, { [PROBE]: { text: await bundle('probe') } });
  return ok(client.run([process.execPath, PROBE, ...args], { timeoutMs: 20_000 }), ['probe', ...args]);
}

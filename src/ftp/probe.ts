import type { Check } from '../core/check.ts';
import { formatRange } from '../core/range.ts';
import { extendedTarget, passiveTarget, type PassiveTarget, type Reply } from './replies.ts';
import type { PassiveWish } from './server.ts';

/** A control connection. `reply` rejects when none comes in time. */
export interface Control {
  reply(): Promise<Reply>;
  send(line: string): void;
  close(): void;
}

/** A data connection that a server writes to; `all` resolves with the bytes when the server closes it. */
export interface Data {
  all(): Promise<Uint8Array>;
  close(): void;
}

/** Opens connections; both reject with a plain sentence when they cannot. */
export interface Dial {
  control(host: string, port: number): Promise<Control>;
  data(host: string, port: number): Promise<Data>;
}

export interface Login {
  readonly user: string;
  readonly password: string;
}

export interface ProbeTarget {
  /** The server's own address that is connected to. */
  readonly host: string;
  readonly port: number;
  /** Null: whatever needs a login is skipped. `whyNoLogin` tells the reader. */
  readonly login: Login | null;
  readonly whyNoLogin: string;
  readonly wish: PassiveWish;
}

/** Ports are drawn at random: so many tries make a stray one likely to show. */
const TRIES = 5;

/**
 * Talks to the FTP server as a client would, and reports each fact by itself: greeting, login, then PASV and EPSV
 * with the address and port advertised and a directory listing over a data connection really made.
 */
export async function probe(dial: Dial, target: ProbeTarget): Promise<Check[]> {
  const checks: Check[] = [];
  const where = `${target.host}:${target.port}`;
  let control: Control;
  try {
    control = await dial.control(target.host, target.port);
  } catch (error) {
    return [fail('control', 'The FTP server answers', `${where}: ${reason(error)}`)];
  }
  try {
    const greeting = await control.reply();
    checks.push(
      judge('control', 'The FTP server answers', greeting.code === 220, `${where}: ${greeting.text}`),
    );
    if (greeting.code !== 220) return checks;
    if (target.login === null) return [...checks, ...withoutLogin(target.whyNoLogin)];
    const welcome = await signIn(control, target.login);
    checks.push(judge('login', 'A login works', welcome.code === 230, welcome.text));
    if (welcome.code !== 230) return checks;
    checks.push(...(await passive(dial, control, target)));
    checks.push(...(await extended(dial, control, target)));
    control.send('QUIT');
  } catch (error) {
    checks.push(fail('conversation', 'The conversation is complete', reason(error)));
  } finally {
    control.close();
  }
  return checks;
}

async function signIn(control: Control, login: Login): Promise<Reply> {
  const asked = await ask(control, `USER ${login.user}`);
  return asked.code === 331 ? ask(control, `PASS ${login.password}`) : asked;
}

async function passive(dial: Dial, control: Control, target: ProbeTarget): Promise<Check[]> {
  const { wish } = target;
  const expected = wish.address ?? target.host;
  const replies: Reply[] = [];
  for (let attempt = 0; attempt < TRIES; attempt++) replies.push(await ask(control, 'PASV'));
  const told = replies.map(passiveTarget);
  const last = told.at(-1) ?? null;
  const lastText = replies.at(-1)?.text ?? '';
  const stray = told.find((each) => each?.address !== expected);
  return [
    judge(
      'pasv-address',
      `PASV tells clients ${expected}`,
      stray === undefined,
      stray === undefined ? lastText : `Told ${stray?.address ?? 'no address'}: ${lastText}`,
    ),
    judgePorts('pasv-port', 'PASV', told, wish),
    await listing(dial, control, 'pasv-data', 'A listing arrives over PASV', target.host, last),
  ];
}

async function extended(dial: Dial, control: Control, target: ProbeTarget): Promise<Check[]> {
  const replies: Reply[] = [];
  for (let attempt = 0; attempt < TRIES; attempt++) replies.push(await ask(control, 'EPSV'));
  const told = replies.map(extendedTarget);
  if (told.at(-1) == null) return [fail('epsv-port', 'EPSV names a port', replies.at(-1)?.text ?? '')];
  return [
    judgePorts('epsv-port', 'EPSV', told, target.wish),
    await listing(
      dial,
      control,
      'epsv-data',
      'A listing arrives over EPSV',
      target.host,
      told.at(-1) ?? null,
    ),
  ];
}

function judgePorts(
  id: string,
  verb: string,
  told: readonly (PassiveTarget | null)[],
  wish: PassiveWish,
): Check {
  const [low, high] = wish.range;
  const ports = told.map((each) => each?.port ?? 0);
  const within = ports.every((port) => port >= low && port <= high);
  return judge(
    id,
    `${verb} stays within ${formatRange(wish.range)}`,
    within,
    `Ports told: ${ports.join(', ')}.`,
  );
}

/** The data connection goes to the address of the control connection: it proves the listener, not the way from outside. */
async function listing(
  dial: Dial,
  control: Control,
  id: string,
  title: string,
  host: string,
  target: PassiveTarget | null,
): Promise<Check> {
  if (target === null) return fail(id, title, 'No port was told.');
  try {
    const data = await dial.data(host, target.port);
    const all = data.all();
    const opening = await ask(control, 'LIST');
    if (opening.code !== 150 && opening.code !== 125) {
      data.close();
      return fail(id, title, opening.text);
    }
    const [bytes, closing] = await Promise.all([all, control.reply()]);
    const fact = `${bytes.length} bytes from port ${target.port}; ${closing.text}`;
    return judge(id, title, closing.code === 226, fact);
  } catch (error) {
    return fail(id, title, `${host}:${target.port}: ${reason(error)}`);
  }
}

async function ask(control: Control, line: string): Promise<Reply> {
  control.send(line);
  return control.reply();
}

function withoutLogin(why: string): Check[] {
  const rows = [
    ['login', 'A login works'],
    ['pasv-address', 'PASV tells clients the right address'],
    ['pasv-data', 'A listing arrives over PASV'],
    ['epsv-data', 'A listing arrives over EPSV'],
  ] as const;
  return rows.map(([id, title]) => ({ id, title, result: 'skip', fact: why }));
}

function judge(id: string, title: string, holds: boolean, fact: string): Check {
  return { id, title, result: holds ? 'pass' : 'fail', fact };
}

function fail(id: string, title: string, fact: string): Check {
  return { id, title, result: 'fail', fact };
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

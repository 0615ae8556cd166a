import type { Check } from '../core/check.ts';
import { phrase } from '../core/phrase.ts';
import type { Control, Dial } from './dial.ts';
import { extended, passive, type Expected } from './probe-passive.ts';
import { roundTrip } from './probe-transfer.ts';
import type { Reply } from './replies.ts';
import type { FtpServer, PassiveWish } from './server.ts';
import { ask, demandsTls, signIn, withControl, type Login, type Session } from './session.ts';
import { fail, judge, pass, reason, skip } from './verdicts.ts';

export interface ProbeTarget {
  /** The server's own address that is connected to. Over IPv6 only EPSV is asked. */
  readonly host: string;
  readonly port: number;
  readonly server: FtpServer['name'];
  /** Null: whatever needs a login is skipped. `whyNoLogin` tells the reader. */
  readonly login: Login | null;
  readonly whyNoLogin: string;
  readonly wish: PassiveWish;
  /** `quick`: a few tries, and TLS only where it is on. `full`: many tries, and what is missing is told. */
  readonly depth: 'quick' | 'full';
  /** Whether the advertised address is tried from here, which can take seconds. */
  readonly advertised: boolean;
  /** The name under which a file is uploaded for a moment; null: none is. */
  readonly upload: string | null;
}

const ANSWERS = ['control', phrase`The FTP server answers`] as const;
const SIGNS_IN = ['login', phrase`A login works`] as const;
const COMPLETE = ['conversation', phrase`The conversation is complete`] as const;
const PROTECTS = ['protection', phrase`Data connections can be protected`] as const;

const QUICK_TRIES = 5;
const FULL_TRIES = 20;

/**
 * Talks to the FTP server at one address as clients would, first plain and then over TLS, and reports each fact by
 * itself: greeting, login, then PASV and EPSV with the address and ports told and data really moved. What is told of
 * TLS has ids that begin with `tls-`. It stops where the server is silent or refuses the login, so that no guard against
 * guessed passwords is roused.
 */
export async function probe(dial: Dial, target: ProbeTarget): Promise<Check[]> {
  const plain = await inWords(dial, target, (opened, checks) => plainTalk(opened, target, checks));
  const [greeted] = plain;
  if (greeted?.id !== 'control' || greeted.result === 'fail' || loginRefused(plain)) return plain;
  // One way through NAT is tried once.
  const again = { ...target, advertised: target.advertised && signedIn(plain, 'skip') };
  const tls = await inWords(dial, target, (opened, checks) => tlsTalk(opened, again, checks));
  return [...plain, ...tls.map(overTls)];
}

/** Whether a login was tried and refused at this address. */
export function loginRefused(checks: readonly Check[]): boolean {
  return signedIn(checks, 'fail');
}

function signedIn(checks: readonly Check[], how: Check['result']): boolean {
  return checks.some(({ id, result }) => /^(tls-)?login$/.test(id) && result === how);
}

function overTls(check: Check): Check {
  return { ...check, id: `tls-${check.id}`, title: phrase`${check.title}, over TLS` };
}

/** A control connection whose greeting has come. */
interface Opened {
  readonly control: Control;
  readonly greeting: Reply;
}

/** One session, and what broke it. */
async function inWords(
  dial: Dial,
  { host, port }: ProbeTarget,
  talk: (opened: Opened, checks: Check[]) => Promise<void>,
): Promise<Check[]> {
  const checks: Check[] = [];
  const silent = (error: unknown): void => {
    checks.push(fail(...ANSWERS, `${where({ host, port })}: ${reason(error)}`));
  };
  const broken = (error: unknown): void => {
    checks.push(fail(...COMPLETE, reason(error)));
  };
  await withControl(dial, host, port, (control, greeting) =>
    talk({ control, greeting }, checks).catch(broken),
  ).catch(silent);
  return checks;
}

async function plainTalk({ control, greeting }: Opened, target: ProbeTarget, checks: Check[]): Promise<void> {
  const session: Session = { control, host: target.host, secured: false };
  checks.push(judge(...ANSWERS, greeting.code === 220, `${where(target)}: ${greeting.text}`));
  if (greeting.code !== 220) return;
  if (target.login === null) {
    checks.push(...(await withoutLogin(session, target)));
    return;
  }
  const welcome = await signIn(session, target.login);
  if (welcome.code !== 230 && demandsTls(welcome)) {
    checks.push(skip(...SIGNS_IN, phrase`The server takes logins over TLS only: ${welcome.text}`));
    return;
  }
  checks.push(judge(...SIGNS_IN, welcome.code === 230, welcome.text));
  if (welcome.code === 230) await moveThings(session, target, checks);
}

async function tlsTalk({ control, greeting }: Opened, target: ProbeTarget, checks: Check[]): Promise<void> {
  const session: Session = { control, host: target.host, secured: true };
  if (greeting.code !== 220) {
    checks.push(fail(...ANSWERS, `${where(target)}: ${greeting.text}`));
    return;
  }
  const agreed = await ask(session, 'AUTH TLS');
  if (agreed.code !== 234) {
    const off = agreed.code >= 500;
    if (off && target.depth === 'quick') return;
    checks.push(
      (off ? skip : fail)(...ANSWERS, `${off ? phrase`TLS is off` : phrase`TLS is refused`}: ${agreed.text}`),
    );
    return;
  }
  try {
    const { protocol, subject } = await control.secure();
    const certificate = phrase`certificate ${subject}, not verified`;
    checks.push(pass(...ANSWERS, `${where(target)}: ${agreed.text}; ${protocol}; ${certificate}`));
  } catch (error) {
    checks.push(fail(...ANSWERS, phrase`${agreed.text}; then no agreement: ${reason(error)}`));
    return;
  }
  if (target.login === null) return;
  const welcome = await signIn(session, target.login);
  checks.push(judge(...SIGNS_IN, welcome.code === 230, welcome.text));
  if (welcome.code !== 230) return;
  const replies = [await ask(session, 'PBSZ 0'), await ask(session, 'PROT P')];
  const protectedNow = replies.every(({ code }) => code === 200);
  checks.push(judge(...PROTECTS, protectedNow, replies.map(({ text }) => text).join('; ')));
  if (protectedNow) await moveThings(session, target, checks);
}

/** Everything that a session with a login can prove. `checks` gets each as it is known. */
async function moveThings(session: Session, target: ProbeTarget, checks: Check[]): Promise<void> {
  const { wish, server, depth, advertised, upload } = target;
  const tries = depth === 'full' ? FULL_TRIES : QUICK_TRIES;
  const expected: Expected = { wish, server, tries, advertised };
  if (!session.host.includes(':')) checks.push(...(await passive(session, expected)));
  checks.push(...(await extended(session, expected)));
  if (upload !== null) checks.push(...(await roundTrip(session, upload)));
}

async function withoutLogin(session: Session, target: ProbeTarget): Promise<Check[]> {
  const six = target.host.includes(':');
  const verb = six ? 'EPSV' : 'PASV';
  const early = await ask(session, verb);
  const rows = [
    SIGNS_IN,
    ...(six
      ? []
      : [
          ['pasv-address', phrase`PASV tells clients the right address`] as const,
          ['pasv-data', phrase`A listing arrives over PASV`] as const,
        ]),
    ['epsv-data', phrase`A listing arrives over EPSV`] as const,
  ];
  return [
    ...rows.map(([id, title]) => skip(id, title, target.whyNoLogin)),
    judge('guarded', phrase`${verb} is refused before login`, early.code >= 400, early.text),
  ];
}

function where({ host, port }: { host: string; port: number }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

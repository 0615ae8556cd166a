import { addressKind, isIpv6 } from '../core/address.ts';
import type { CauseId } from './causes.ts';
import type { Line } from './lines.ts';
import type { Attempt, Log } from './log.ts';

/** A cause that an attempt shows, or null where several fit and the log cannot tell them apart. */
export interface Sign {
  readonly cause: CauseId | null;
  readonly line: Line;
  /** `certain`: the log proves it. `likely`: nothing else that is known fits as well. */
  readonly sure: 'certain' | 'likely';
  /** Other causes that fit, or that stand beside it; the nearest first. */
  readonly others: readonly CauseId[];
  readonly attempt: Attempt;
}

type Rule = (attempt: Attempt, log: Log) => Omit<Sign, 'attempt'> | null;

/** One rule for each way in which an attempt fails, in the order in which they count. */
const RULES: readonly Rule[] = [
  refusedPassive,
  unreadable,
  unroutable,
  otherAddress,
  tls,
  hangs,
  refused,
  rejected,
  blocked,
  active,
  refusedEpsv,
];

/** What the attempts of a log show, the sign that counts most first: of each rule the first attempt that it fits. */
export function signs(log: Log): Sign[] {
  return RULES.flatMap((rule) => {
    for (const attempt of log.attempts) {
      const sign = rule(attempt, log);
      if (sign !== null) return [{ ...sign, attempt }];
    }
    return [];
  });
}

const UNKNOWN_COMMANDS = [500, 501, 502, 522, 550];

function refusedPassive(attempt: Attempt): ReturnType<Rule> {
  const { mode, denied } = attempt;
  if (mode !== 'pasv' || denied === null || !UNKNOWN_COMMANDS.includes(denied.code)) return null;
  return { cause: 'passive-refused', line: denied.line, sure: 'certain', others: [] };
}

/** Most clients go on with PASV then, so it counts only where nothing else is wrong. */
function refusedEpsv({ mode, denied }: Attempt): ReturnType<Rule> {
  if (mode !== 'epsv' || denied === null || !UNKNOWN_COMMANDS.includes(denied.code)) return null;
  return { cause: 'epsv-refused', line: denied.line, sure: 'certain', others: [] };
}

/** ProFTPD answers PASV over IPv6 with what is left of its address. */
function unreadable({ mode, told, session }: Attempt): ReturnType<Rule> {
  if (mode !== 'pasv' || told === null || told.address !== null || told.port !== null) return null;
  const overIpv6 = session.address === null || isIpv6(session.address);
  return overIpv6 ? { cause: 'pasv-on-ipv6', line: told.line, sure: 'likely', others: [] } : null;
}

/** The addresses that Docker gives out first; a network of one's own rarely takes them. */
const CONTAINERS = /^172\.17\./;

function unroutable(attempt: Attempt): ReturnType<Rule> {
  const { told, replaced, session } = attempt;
  if (told === null) {
    if (replaced === null) return null;
    return { cause: 'nat-address', line: replaced, sure: 'certain', others: beside(attempt) };
  }
  const { address, kind, line } = told;
  if (address === null || kind === 'unknown' || kind === 'public') return null;
  const control = session.address;
  const inside = control !== null && addressKind(control) !== 'public';
  // Who is inside is told the right thing: the local address that leads there.
  if (control === address || usedAsTold(attempt)) return null;
  // From the server itself every address of its own can be reached.
  if (control !== null && addressKind(control) === 'loopback') return null;
  const sure = replaced !== null || (control !== null && !inside) ? 'certain' : 'likely';
  if (CONTAINERS.test(address))
    return { cause: 'container-address', line, sure: 'likely', others: ['nat-address', ...beside(attempt)] };
  const ofHost: CauseId[] = session.server === 'pure-ftpd' ? [] : ['dedicated-proftpd'];
  return { cause: 'nat-address', line, sure, others: [...ofHost, ...beside(attempt)] };
}

/** Whether the client took the address of its session instead of the one it was told. */
function wentItsWay({ replaced, dialled, session, told }: Attempt): boolean {
  if (replaced !== null) return true;
  return dialled !== null && dialled.address !== told?.address && dialled.address === session.address;
}

/** Such a client that failed there has met the firewall as well. */
function beside(attempt: Attempt): CauseId[] {
  return wentItsWay(attempt) && unanswered(attempt) !== null ? ['data-blocked'] : [];
}

/** Whether the address that was told explains the failure, so that nothing is known of the ports. */
function misled(attempt: Attempt): boolean {
  return (unroutable(attempt) ?? otherAddress(attempt)) !== null && !wentItsWay(attempt);
}

/** Settings that were right once. */
const STALE: readonly CauseId[] = ['old-address', 'sticky-setting'];

function otherAddress(attempt: Attempt): ReturnType<Rule> {
  const { told, session, replaced, dialled } = attempt;
  const control = session.address;
  if (told?.address == null || told.kind !== 'public' || /[^\d.]/.test(told.address)) return null;
  if (control === null || isIpv6(control) || control === told.address || usedAsTold(attempt)) return null;
  const elsewhere = replaced !== null || (dialled !== null && dialled.address === control);
  // It was told another address, did not use it, and it worked: others who do use it may be right as well.
  if (elsewhere && attempt.done !== null) return null;
  if (addressKind(control) !== 'public')
    return { cause: 'no-hairpin', line: told.line, sure: 'likely', others: ['data-blocked', 'old-address'] };
  return {
    cause: 'other-address',
    line: told.line,
    sure: 'certain',
    others: session.server === 'proftpd' ? STALE : [...STALE, 'dedicated-pureftpd'],
  };
}

/** It worked with the very address that was told. */
function usedAsTold({ done, replaced, dialled, told }: Attempt): boolean {
  return done !== null && replaced === null && (dialled === null || dialled.address === told?.address);
}

/** The handshake or the end of an encrypted data connection failed. */
function tls(attempt: Attempt): ReturnType<Rule> {
  const { failure, done, session, mode } = attempt;
  if (failure?.how !== 'tls' || done !== null || mode === 'active') return null;
  const { line } = failure;
  if (session.server === 'proftpd') return { cause: 'tls-session-reuse', line, sure: 'likely', others: [] };
  if (session.server === 'pure-ftpd') return { cause: 'tls-old-pureftpd', line, sure: 'likely', others: [] };
  return { cause: null, line, sure: 'likely', others: ['tls-session-reuse', 'tls-old-pureftpd'] };
}

/** The data connection stood, and then the server had nothing to say. */
function hangs({
  opened,
  begun,
  done,
  failure,
  refusal,
  session,
  mode,
  transfer,
}: Attempt): ReturnType<Rule> {
  if (mode === 'active' || opened === null || begun !== null || done !== null || refusal !== null)
    return null;
  if (failure === null || failure.how === 'silence' || failure.how === 'tls' || failure.how === 'other')
    return null;
  if (transfer === null || session.server === 'proftpd') return null;
  return { cause: 'other-source', line: failure.line, sure: 'likely', others: ['provider-firewall'] };
}

function refused(attempt: Attempt): ReturnType<Rule> {
  if (attempt.mode === 'active' || attempt.opened !== null || misled(attempt)) return null;
  if (attempt.failure?.how !== 'refused') return null;
  const { told, session } = attempt;
  const right = told?.address != null && told.address === session.address;
  const others: CauseId[] = [
    'host-firewall',
    ...(right || told?.address == null ? [] : (['old-address', 'dedicated-pureftpd'] as const)),
    'provider-firewall',
  ];
  return { cause: 'data-refused', line: attempt.failure.line, sure: 'certain', others };
}

function rejected(attempt: Attempt, log: Log): ReturnType<Rule> {
  const { mode, opened, failure, told, session } = attempt;
  if (mode === 'active' || opened !== null || failure?.how !== 'unreachable' || misled(attempt)) return null;
  const contrast = unlikeOthers(attempt, log, failure.line);
  if (contrast !== null) return contrast;
  // Somewhere else may really have no way to it.
  const same =
    told !== null && (told.address === null || told.address === session.address || session.address === null);
  const others: CauseId[] = ['host-firewall', 'rule-below-deny', 'provider-firewall'];
  return { cause: 'data-rejected', line: failure.line, sure: same ? 'certain' : 'likely', others };
}

const WAITED =
  /(?:timed out|Failed to establish|Can(?:'|no)t open|Cannot open|No data connection|Can't build|Unable to build(?!.*not permitted))/i;

/** The line that shows that nothing answered on the data port, or null. */
function unanswered({
  mode,
  opened,
  begun,
  done,
  failure,
  refusal,
  session,
  told,
  replaced,
}: Attempt): Line | null {
  if (mode === 'active' || opened !== null || done !== null) return null;
  // These two say that they begin when the data connection stands.
  if (begun !== null && session.server !== null) return null;
  if (failure?.how === 'timeout') {
    if (begun !== null && !/data connection/i.test(failure.line.text)) return null;
    return failure.line;
  }
  if (refusal !== null && (refusal.code === 425 || refusal.code === 421) && WAITED.test(refusal.line.text))
    return refusal.line;
  if (failure?.how === 'silence' && begun === null && (told ?? replaced) !== null) return failure.line;
  return null;
}

function workedBefore(attempt: Attempt, { attempts }: Log): readonly Attempt[] {
  const before = attempts.slice(0, attempts.indexOf(attempt));
  return before.filter((each) => each.done !== null && each.mode !== 'active');
}

/** What tells an attempt that the firewall stopped from those before it that succeeded. */
function unlikeOthers(attempt: Attempt, log: Log, line: Line): ReturnType<Rule> {
  const worked = workedBefore(attempt, log);
  if (
    attempt.secure &&
    worked.some((each) => !each.secure) &&
    log.attempts.every((each) => each.secure !== (each.done !== null))
  )
    return { cause: 'tls-hides-ports', line, sure: 'likely', others: ['host-firewall', 'provider-firewall'] };
  const ports = worked.flatMap((each) => each.told?.port ?? []);
  const port = attempt.told?.port ?? null;
  if (
    port !== null &&
    port > 35_000 &&
    ports.length > 0 &&
    ports.every((each) => each >= 30_000 && each <= 35_000)
  )
    return { cause: 'csf-drift', line, sure: 'likely', others: ['range-mismatch', 'host-firewall'] };
  return null;
}

/** What makes a server pick a port that nobody meant. */
const OUTSIDE = { 'pure-ftpd': ['range-ignored'], proftpd: ['port-outside-range'] } as const;

function blocked(attempt: Attempt, log: Log): ReturnType<Rule> {
  const line = unanswered(attempt);
  if (line === null || misled(attempt)) return null;
  const { told, session, failure, secure } = attempt;
  const contrast = unlikeOthers(attempt, log, line);
  if (contrast !== null) return contrast;
  const port = told?.port ?? null;
  const others: CauseId[] = [
    ...(workedBefore(attempt, log).length === 0
      ? []
      : (['rules-lost', 'port-outside-range', 'range-mismatch'] as const)),
    'host-firewall',
    'provider-firewall',
    ...(port === null || session.server === null ? [] : OUTSIDE[session.server]),
    ...(secure ? (['tls-hides-ports'] as const) : []),
    // Where the log does not show to which address the client is connected, the one it was told may be wrong.
    ...(told?.address != null && session.address === null ? (['old-address', 'no-hairpin'] as const) : []),
    'virtual-node',
    'imunify',
  ];
  const sure = failure?.how === 'silence' || attempt.mode === 'unknown' ? 'likely' : 'certain';
  return { cause: 'data-blocked', line, sure, others };
}

/** Only where passive mode was not tried: who falls back to active mode has the trouble before it. */
function active(attempt: Attempt, { attempts }: Log): ReturnType<Rule> {
  if (attempt.mode !== 'active' || attempt.done !== null || attempts.some(({ mode }) => mode !== 'active'))
    return null;
  const line = attempt.denied?.line ?? attempt.refusal?.line ?? attempt.failure?.line ?? null;
  return line === null ? null : { cause: 'active-mode', line, sure: 'certain', others: [] };
}

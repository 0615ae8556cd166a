import { phrase } from './phrase.ts';

/** One proof that was tried. `skip`: it could not be tried, and `fact` says why; nothing is claimed then. */
export interface Check {
  readonly id: string;
  readonly title: string;
  readonly result: 'pass' | 'fail' | 'skip';
  readonly fact: string;
}

/**
 * The way from a server to its own public address, which no client takes; TLS that is off; an address at which nobody
 * listens.
 */
const BESIDE = /^(ipv6-)?(tls-)?pasv-advertised(@|$)|^(ipv6-)?tls-control(@|$)|^ipv6-control$|^control@/;

/**
 * `true` everything held, `false` something failed, `null` something that clients need could not be tried, so it cannot
 * be told.
 */
export function allPass(checks: readonly Check[]): boolean | null {
  if (checks.some((check) => check.result === 'fail')) return false;
  const held = checks.some((check) => check.result === 'pass');
  return held && !checks.some((check) => isOpenQuestion(check, checks)) ? true : null;
}

/** Whether a check could not be tried, and neither its counterpart over TLS nor the nature of the thing answers it. */
export function isOpenQuestion({ id, result }: Check, checks: readonly Check[]): boolean {
  if (result !== 'skip' || BESIDE.test(id)) return false;
  const overTls = id.replace(/^(ipv6-)?/, '$1tls-');
  return !checks.some((check) => check.id === overTls && check.result === 'pass');
}

/** Checks of one subject, in their order. */
export interface CheckGroup {
  readonly subject: string;
  readonly checks: readonly Check[];
}

/** Checks by what they are about, which their ids tell: an address, or what is not of an address. */
export function bySubject(checks: readonly Check[]): CheckGroup[] {
  const groups = new Map<string, Check[]>();
  for (const check of checks) {
    const subject = subjectOf(check.id);
    groups.set(subject, [...(groups.get(subject) ?? []), check]);
  }
  return [...groups].map(([subject, some]) => ({ subject, checks: some }));
}

function subjectOf(id: string): string {
  const address = /@(.+)$/.exec(id)?.[1];
  if (address !== undefined) return phrase`Address ${address}`;
  if (id === 'settings') return phrase`Settings`;
  if (id === 'addresses') return phrase`Other addresses`;
  if (id.startsWith('reach-')) return phrase`Firewall`;
  return id.startsWith('ipv6-') ? 'IPv6' : phrase`Main address`;
}

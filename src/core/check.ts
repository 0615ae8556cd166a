/** One proof that was tried. `skip`: it could not be tried, and `fact` says why; nothing is claimed then. */
export interface Check {
  readonly id: string;
  readonly title: string;
  readonly result: 'pass' | 'fail' | 'skip';
  readonly fact: string;
}

/** `true` everything held, `false` something failed, `null` something could not be tried, so it cannot be told. */
export function allPass(checks: readonly Check[]): boolean | null {
  if (checks.some((check) => check.result === 'fail')) return false;
  return checks.length > 0 && checks.every((check) => check.result === 'pass') ? true : null;
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
  if (address !== undefined) return `Address ${address}`;
  if (id === 'settings') return 'Settings';
  if (id === 'addresses') return 'Other addresses';
  if (id.startsWith('reach-')) return 'Firewall';
  return id.startsWith('ipv6-') ? 'IPv6' : 'Main address';
}

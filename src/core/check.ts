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

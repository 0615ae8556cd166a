import { allPass, bySubject, type Check } from '../../core/check.ts';
import { phrase } from '../../core/phrase.ts';

const RESULTS = {
  pass: { level: 'good', word: phrase`Passed` },
  fail: { level: 'bad', word: phrase`Failed` },
  skip: { level: 'unknown', word: phrase`Not told` },
} as const;

/** Checks as their page shows them: what they come to, then by what they are about. */
export function checksView(checks: readonly Check[]): Record<string, unknown> {
  const count = (result: Check['result']): number => checks.filter((check) => check.result === result).length;
  const [passed, failed, open] = [count('pass'), count('fail'), count('skip')];
  const verdict = { true: 'good', false: 'bad', null: 'unknown' }[`${allPass(checks)}`];
  return {
    level: verdict,
    word: { good: phrase`Proven`, bad: phrase`Wrong`, unknown: phrase`Not all told` }[verdict],
    sum: phrase`${passed} passed, ${failed} failed, ${open} could not be told from this server.`,
    groups: bySubject(checks).map((group, index) => ({
      number: index,
      subject: group.subject,
      checks: group.checks.map(({ result, title, fact }) => ({ ...RESULTS[result], title, fact })),
    })),
  };
}

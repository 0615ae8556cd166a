import type { Confirmed } from '../../diagnosis/confirm.ts';

const SURE = { certain: 'the log shows it', likely: 'it fits the log best' } as const;

/** A diagnosis as its page shows it. Empty texts are not shown. */
export function diagnosisView(found: Confirmed): Record<string, unknown> {
  const { cause, title, sure, evidence, fact, right, fix, client, alternatives } = found;
  return {
    level: cause === null ? 'unknown' : right ? 'warn' : 'bad',
    word: cause === null ? 'Not known' : right ? 'Not here' : 'Cause',
    title,
    cause: cause ?? '',
    sure: sure === null ? '' : SURE[sure],
    line: evidence === null ? '' : String(evidence.number),
    text: evidence?.text ?? '',
    fact: fact ?? '',
    fix,
    fixName: cause === null ? 'What helps' : 'What to do',
    client: client ?? 'not recognised',
    alternatives,
  };
}

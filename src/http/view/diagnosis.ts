import { phrase } from '../../core/phrase.ts';
import type { Confirmed } from '../../diagnosis/confirm.ts';

const SURE = { certain: phrase`the log shows it`, likely: phrase`it fits the log best` } as const;

/** Clients that are called by what they are and not by a name. */
const CLIENT_WORDS: Readonly<Record<string, string>> = {
  'ftp command': phrase`ftp command`,
  transcript: phrase`transcript`,
};

/** A diagnosis as its page shows it. Empty texts are not shown. */
export function diagnosisView(found: Confirmed): Record<string, unknown> {
  const { cause, title, sure, evidence, fact, right, fix, client, alternatives } = found;
  return {
    level: cause === null ? 'unknown' : right ? 'warn' : 'bad',
    word: cause === null ? phrase`Not known` : right ? phrase`Not here` : phrase`Cause`,
    title,
    cause: cause ?? '',
    sure: sure === null ? '' : SURE[sure],
    line: evidence === null ? '' : String(evidence.number),
    text: evidence?.text ?? '',
    fact: fact ?? '',
    fix,
    fixName: cause === null ? phrase`What helps` : phrase`What to do`,
    client: client === null ? phrase`not recognised` : (CLIENT_WORDS[client] ?? client),
    alternatives,
  };
}

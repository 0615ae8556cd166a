import { DEFAULT_RANGE } from '../../core/range.ts';
import type { Status, Truths } from '../../core/status.ts';
import { rangeWords } from './words.ts';

/** One setting in its three truths, as words. `agree`: whether they are one, or which is the first that differs. */
export interface TruthRow {
  readonly name: string;
  readonly configured: string;
  readonly rendered: string;
  readonly live: string;
  readonly level: 'good' | 'bad';
  readonly agree: string;
}

export function truthsOf({ ftp }: Status): TruthRow[] {
  return [
    // Where no store names a range, cPanel's default is what they say.
    truthRow(
      'Passive range',
      { ...ftp.range, configured: ftp.range.configured ?? DEFAULT_RANGE },
      rangeWords,
    ),
    truthRow('Advertised address', ftp.passiveAddress, (address) => address ?? 'not set'),
  ];
}

function truthRow<T>(name: string, truths: Truths<T>, words: (value: T | null) => string): TruthRow {
  const [configured, rendered, live] = [truths.configured, truths.rendered, truths.live].map(words) as [
    string,
    string,
    string,
  ];
  const differs =
    rendered !== configured ? 'the configuration file' : live !== rendered ? 'the running server' : null;
  return {
    name,
    configured,
    rendered,
    live,
    level: differs === null ? 'good' : 'bad',
    agree: differs === null ? 'they agree' : `first to differ: ${differs}`,
  };
}

import { DEFAULT_RANGE } from '../../core/range.ts';
import type { Status, Truths } from '../../core/status.ts';
import { rangeWords } from './words.ts';

/** One setting in its three truths, as words. `agree`: whether they are one, or which is the first that differs. */
export interface TruthRow {
  readonly name: string;
  readonly configured: string;
  readonly rendered: string;
  readonly live: string;
  readonly level: 'good' | 'bad' | 'unknown';
  readonly agree: string;
}

type Verdict = Pick<TruthRow, 'level' | 'agree'>;

export function truthsOf({ ftp }: Status): TruthRow[] {
  const { range, passiveAddress } = ftp;
  // Where no store names a range, cPanel's default is what they say.
  const configured = range.configured ?? (ftp.server === 'disabled' ? null : DEFAULT_RANGE);
  return [
    truthRow('Port range', { ...range, configured }, ftp.running, rangeWords, 'not set anywhere'),
    truthRow(
      'Advertised address',
      passiveAddress,
      ftp.running,
      (address) => address ?? 'not set',
      `not set anywhere${ftp.running ? '; clients are told this server’s own address' : ''}`,
    ),
  ];
}

/** @param nothing what it means that no place has a value, which is neither right nor wrong by itself */
function truthRow<T>(
  name: string,
  { configured, rendered, live }: Truths<T>,
  running: boolean,
  words: (value: T | null) => string,
  nothing: string,
): TruthRow {
  // A server that runs with older settings than its file has cannot be asked for them.
  const liveWords = !running
    ? 'does not run'
    : live === null && rendered !== null
      ? 'not known'
      : words(live);
  const row = { name, configured: words(configured), rendered: words(rendered), live: liveWords };
  return {
    ...row,
    ...verdictOf(
      row,
      [configured, rendered, live].every((each) => each === null),
      nothing,
    ),
  };
}

function verdictOf(
  { configured, rendered, live }: Pick<TruthRow, 'configured' | 'rendered' | 'live'>,
  isEmpty: boolean,
  nothing: string,
): Verdict {
  if (isEmpty) return { level: 'unknown', agree: nothing };
  if (rendered !== configured) return { level: 'bad', agree: 'first to differ: the configuration file' };
  if (live === 'does not run') return { level: 'unknown', agree: 'settings and file agree; no server runs' };
  if (live === 'not known')
    return { level: 'unknown', agree: 'settings and file agree; the running server may have older ones' };
  if (live !== rendered) return { level: 'bad', agree: 'first to differ: the running server' };
  return { level: 'good', agree: 'they agree' };
}

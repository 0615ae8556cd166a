import { phrase } from '../../core/phrase.ts';
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
    truthRow(phrase`Port range`, { ...range, configured }, ftp.running, rangeWords, phrase`not set anywhere`),
    truthRow(
      phrase`Advertised address`,
      passiveAddress,
      ftp.running,
      (address) => address ?? phrase`not set`,
      phrase`not set anywhere${ftp.running ? phrase`; clients are told this server’s own address` : ''}`,
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
  const server = !running ? 'stopped' : live === null && rendered !== null ? 'untold' : 'told';
  const liveWords = {
    stopped: phrase`does not run`,
    untold: phrase`not known`,
    told: words(live),
  }[server];
  const row = { name, configured: words(configured), rendered: words(rendered), live: liveWords };
  return {
    ...row,
    ...verdictOf(
      row,
      server,
      [configured, rendered, live].every((each) => each === null),
      nothing,
    ),
  };
}

function verdictOf(
  { configured, rendered, live }: Pick<TruthRow, 'configured' | 'rendered' | 'live'>,
  server: 'stopped' | 'untold' | 'told',
  isEmpty: boolean,
  nothing: string,
): Verdict {
  if (isEmpty) return { level: 'unknown', agree: nothing };
  if (rendered !== configured)
    return { level: 'bad', agree: phrase`first to differ: the configuration file` };
  if (server === 'stopped')
    return { level: 'unknown', agree: phrase`settings and file agree; no server runs` };
  if (server === 'untold')
    return {
      level: 'unknown',
      agree: phrase`settings and file agree; the running server may have older ones`,
    };
  if (live !== rendered) return { level: 'bad', agree: phrase`first to differ: the running server` };
  return { level: 'good', agree: phrase`they agree` };
}

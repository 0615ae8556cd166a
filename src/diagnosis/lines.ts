import { DECEIVING } from '../core/visible.ts';

/** The most of a log that is looked at, in characters; more is cut off. */
export const LONGEST_LOG = 1024 * 1024;

/** No client writes a longer line; a longer one is looked at up to here, in characters. */
const LONGEST_LINE = 1000;
const MOST_LINES = 30_000;

/** A line of a log. `number`: its place, from 1. `text`: printable, without escapes, and without passwords. */
export interface Line {
  readonly number: number;
  readonly text: string;
}

/** Few carriage returns are one line’s end with the newline behind them; many are hostile, and looked at once each. */
const LINE = /[^\r\n]*(\r{0,4}\n|\r|$)/gy;

const ESCAPES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x00-\x1f]*(?:\x07|\x1b\\)?|[ -/]*[0-~])/g;

const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff]/g;

/** The lines of a log that hold something, made harmless: what anybody pastes is hostile when it is shown. */
export function linesOf(log: string): Line[] {
  const lines: Line[] = [];
  const text = log.slice(0, LONGEST_LOG);
  LINE.lastIndex = 0;
  for (let number = 1; lines.length < MOST_LINES && LINE.lastIndex < text.length; number++) {
    const match = LINE.exec(text);
    if (match === null) break;
    const clean = cleaned(match[0].slice(0, 4 * LONGEST_LINE));
    if (clean !== '') lines.push({ number, text: clean });
  }
  return lines;
}

function cleaned(text: string): string {
  return withoutSecrets(
    text
      .replace(ESCAPES, '')
      .replace(/\t/g, ' ')
      .replace(CONTROLS, '')
      .replace(DECEIVING, '\ufffd')
      .slice(0, LONGEST_LINE)
      .trim(),
  );
}

/** Some clients write the password out; it is no evidence of anything. */
function withoutSecrets(text: string): string {
  return text
    .replace(/(^|[^\w])(PASS|ACCT) (?!\*)\S.*$/, '$1$2 ***')
    .replace(/(\bftps?:\/\/[^\s:@/]{1,100}):[^\s@/]{1,100}@/gi, '$1:***@');
}

import type { PortRange } from '../../core/range.ts';

/** A word of a rule without its quotes; `start` and `end` count in the text it was read from, quotes included. */
export interface Word {
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/** Words as iptables-restore takes them (1.8.9): a quote may open in a word and ends it; in it `\` frees a character. */
export function wordsOf(text: string): Word[] {
  return [...text.matchAll(/([^\s"]*)"((?:[^"\\]|\\[^])*)"?|[^\s"]+/g)].map((match) => {
    const [whole, head, quoted] = match;
    const value = quoted === undefined ? whole : `${head ?? ''}${quoted.replace(/\\([^])/g, '$1')}`;
    return { value, start: match.index, end: match.index + whole.length };
  });
}

/** Whether two texts are one rule: quotes, blanks and the `-m tcp` that goes without saying do not matter. */
export function sameRule(a: string, b: string): boolean {
  return JSON.stringify(plainWords(a)) === JSON.stringify(plainWords(b));
}

function plainWords(rule: string): string[] {
  const words = wordsOf(rule).map(({ value }) => value);
  const tcp = words.some((word, at) => word === '-p' && words[at + 1] === 'tcp');
  return words.filter((_, at) => !(tcp && (isTcpMatch(words, at) || isTcpMatch(words, at - 1))));
}

function isTcpMatch(words: readonly string[], at: number): boolean {
  return words[at] === '-m' && words[at + 1] === 'tcp';
}

/** Whether the rule's comment is `mark`, and nothing more. */
export function carries(rule: string, mark: string): boolean {
  return wordsOf(rule).some(({ value }, at, words) => value === '--comment' && words[at + 1]?.value === mark);
}

/** Where a rule leads: the word behind `-j` or `-g`, which iptables-save writes behind all matches. */
export function targetOf(rule: string): string | null {
  const words = wordsOf(rule);
  const jump = words.findLastIndex(({ value }) => /^(?:-j|-g|--jump|--goto)$/.test(value));
  return jump < 0 ? null : (words[jump + 1]?.value ?? null);
}

/** The ports of a rule as this program writes it. */
export function portsOf(rule: string): PortRange[] {
  const words = wordsOf(rule);
  const ports = words[words.findIndex(({ value }) => /^--dports?$/.test(value)) + 1]?.value ?? '';
  return [...ports.matchAll(/(\d+)(?::(\d+))?/g)].map(([, low, high]) => [Number(low), Number(high ?? low)]);
}

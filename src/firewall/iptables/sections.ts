import { wordsOf, type Word } from './words.ts';

/** A part of the text; `end` is the offset behind its last character. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** A line that adds rules to a chain, its line end included in the span. */
export interface RuleLine extends Span {
  readonly chain: string;
  /** What stands behind `-A CHAIN ` or `-I CHAIN N `. */
  readonly text: string;
  /** `at`: the index in its chain that its first rule gets when the line is run. `count`: a list of addresses is a rule each. */
  readonly at: number;
  readonly count: number;
  readonly inserts: boolean;
  /** The N of `-I CHAIN N`. */
  readonly number: Span | null;
}

/** `first`: whether it is the first rule of its line. */
export interface SectionRule {
  readonly text: string;
  readonly line: RuleLine;
  readonly first: boolean;
}

/** `policy`: as written, `-` for a chain that others jump to; null where nothing is written. `rules`: in the order in force, once the section is loaded. */
export interface SectionChain {
  policy: string | null;
  readonly rules: SectionRule[];
}

/**
 * From `*TABLE` to `COMMIT`. `end`: where a line goes that is to be run last. `sure`: whether every line was understood;
 * else the order of the rules may be another one.
 */
export interface Section {
  readonly table: string;
  end: number;
  readonly chains: Map<string, SectionChain>;
  readonly lines: RuleLine[];
  sure: boolean;
}

/**
 * Reads what iptables-save prints, and what people write for iptables-restore: `-I` lines are run as it runs them.
 * With a `family`, lines for the other one (`-4`, `-6`) are passed over. Lines that make no sense are, too.
 * Of several sections of one table only the last is in force after a load. Tried with iptables 1.8.9.
 */
export function readSections(text: string, family: 'ip' | 'ip6' | null): Section[] {
  const sections: Section[] = [];
  let open: Section | null = null;
  for (const match of text.matchAll(/[^\n]*\n|[^\n]+$/g)) {
    const line = match[0].trimEnd();
    const start = match.index;
    const end = start + match[0].length;
    if (line === '' || line.startsWith('#')) continue;
    if (line.startsWith('*')) {
      open = { table: line.slice(1).trim(), end, chains: new Map(), lines: [], sure: true };
      sections.push(open);
    } else if (open !== null && line === 'COMMIT') {
      open.end = start;
      open = null;
    } else if (open !== null) {
      open.end = end;
      if (line.startsWith(':')) declare(open, line);
      else run(open, line, { start, end }, family);
    }
  }
  return sections;
}

/** The section of a table that is in force once the text is loaded. */
export function sectionOf(text: string, table: string, family: 'ip' | 'ip6' | null): Section | undefined {
  return readSections(text, family).findLast((section) => section.table === table);
}

function declare(section: Section, line: string): void {
  const [name, policy] = line.slice(1).trim().split(/\s+/);
  if (name === undefined || name === '') return;
  if (section.chains.has(name)) section.sure = false;
  chainOf(section, name).policy = policy ?? null;
}

function chainOf(section: Section, name: string): SectionChain {
  const known = section.chains.get(name);
  if (known !== undefined) return known;
  const chain = { policy: null, rules: [] };
  section.chains.set(name, chain);
  return chain;
}

const FAMILY_WORDS: ReadonlyMap<string, 'ip' | 'ip6'> = new Map([
  ['-4', 'ip'],
  ['--ipv4', 'ip'],
  ['-6', 'ip6'],
  ['--ipv6', 'ip6'],
]);

function run(section: Section, line: string, span: Span, family: 'ip' | 'ip6' | null): void {
  const counters = /^\[\d+:\d+\]/.exec(line)?.[0].length ?? 0;
  const words = wordsOf(line.slice(counters));
  if (family !== null && words.some((word, at) => isForOther(word, words[at - 1], family))) return;
  const [command, name, next] = words.filter((word, at) => at > 1 || !FAMILY_WORDS.has(word.value));
  if (name === undefined) section.sure = false;
  else if (command?.value === '-A' || command?.value === '--append') {
    addRules(section, name, line.slice(counters + name.end), { ...span, number: null, inserts: false });
  } else if (command?.value === '-I' || command?.value === '--insert') {
    const given = next !== undefined && /^\d+$/.test(next.value) ? next : null;
    const from = span.start + counters;
    const number = given && { start: from + given.start, end: from + given.end };
    const at = Math.max(0, Number(given?.value ?? 1) - 1);
    const text = line.slice(counters + (given ?? name).end);
    addRules(section, name, text, { ...span, number, inserts: true }, at);
  } else if (command?.value === '-N' || command?.value === '--new-chain') chainOf(section, name.value);
  else if (command?.value === '-P' || command?.value === '--policy') {
    chainOf(section, name.value).policy = next?.value ?? null;
  } else section.sure = false;
}

/** A word behind a long option is its value. */
function isForOther(word: Word, before: Word | undefined, family: 'ip' | 'ip6'): boolean {
  const named = FAMILY_WORDS.get(word.value);
  return named !== undefined && named !== family && before?.value.startsWith('--') !== true;
}

type LineFacts = Pick<RuleLine, 'start' | 'end' | 'number' | 'inserts'>;

function addRules(section: Section, name: Word, behind: string, facts: LineFacts, before?: number): void {
  const { rules } = chainOf(section, name.value);
  const text = behind.trim();
  const texts = eachAddress(text);
  // The rules of one -I line are put before each other.
  if (facts.inserts) texts.reverse();
  const at = before ?? rules.length;
  const line: RuleLine = { ...facts, chain: name.value, text, at, count: texts.length };
  section.lines.push(line);
  rules.splice(at, 0, ...texts.map((each, index) => ({ text: each, line, first: index === 0 })));
}

const ADDRESS_OPTIONS = [/^(?:-s|--source|--src)$/, /^(?:-d|--destination|--dst)$/];

/** The rule for each address, where `-s` or `-d` names several. */
function eachAddress(rule: string): string[] {
  return ADDRESS_OPTIONS.reduce<string[]>(
    (rules, option) => rules.flatMap((each) => split(each, option)),
    [rule],
  );
}

function split(rule: string, option: RegExp): string[] {
  if (!rule.includes(',')) return [rule];
  const words = wordsOf(rule);
  const list = words[words.findIndex(({ value }) => option.test(value)) + 1];
  if (list === words[0] || list?.value.includes(',') !== true) return [rule];
  return list.value.split(',').map((one) => rule.slice(0, list.start) + one + rule.slice(list.end));
}

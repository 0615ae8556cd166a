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

/** As iptables-save prints nearly every rule: to read thousands of them word by word takes longer than all else. */
const PLAIN = /^-A [^\s"]+ /;
const NAMES_FAMILY = /-[46]|--ipv[46]/;

function run(section: Section, line: string, span: Span, family: 'ip' | 'ip6' | null): void {
  const head = PLAIN.exec(line)?.[0] ?? '';
  if (head === '' || NAMES_FAMILY.test(line)) runWords(section, line, span, family);
  else addRules(section, head.slice('-A '.length, -1), line.slice(head.length), span);
}

function runWords(section: Section, line: string, span: Span, family: 'ip' | 'ip6' | null): void {
  const counters = /^\[\d+:\d+\]/.exec(line)?.[0].length ?? 0;
  const words = wordsOf(line.slice(counters));
  if (family !== null && words.some((word, at) => isForOther(word, words[at - 1], family))) return;
  const [command, name, next] = words.filter((word, at) => at > 1 || !FAMILY_WORDS.has(word.value));
  if (name === undefined) section.sure = false;
  else if (command?.value === '-A' || command?.value === '--append') {
    addRules(section, name.value, line.slice(counters + name.end), span);
  } else if (command?.value === '-I' || command?.value === '--insert') {
    const given = next !== undefined && /^\d+$/.test(next.value) ? next : null;
    const from = span.start + counters;
    const number = given && { start: from + given.start, end: from + given.end };
    const at = Math.max(0, Number(given?.value ?? 1) - 1);
    const text = line.slice(counters + (given ?? name).end);
    addRules(section, name.value, text, span, { at, number });
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

function addRules(
  section: Section,
  chain: string,
  behind: string,
  { start, end }: Span,
  insertion: Pick<RuleLine, 'at' | 'number'> | null = null,
): void {
  const { rules } = chainOf(section, chain);
  const text = behind.trim();
  const texts = eachAddress(text);
  // The rules of one -I line are put before each other.
  if (insertion !== null) texts.reverse();
  const { at, number } = insertion ?? { at: rules.length, number: null };
  const count = texts.length;
  const line: RuleLine = { start, end, chain, text, at, count, inserts: insertion !== null, number };
  section.lines.push(line);
  const added = texts.map((each, index) => ({ text: each, line, first: index === 0 }));
  if (at === rules.length) rules.push(...added);
  else rules.splice(at, 0, ...added);
}

const ADDRESS_OPTIONS = [/^(?:-s|--source|--src)$/, /^(?:-d|--destination|--dst)$/];

/** The rule for each address, where `-s` or `-d` names several. */
function eachAddress(rule: string): string[] {
  if (!rule.includes(',')) return [rule];
  return ADDRESS_OPTIONS.reduce<string[]>(
    (rules, option) => rules.flatMap((each) => split(each, option)),
    [rule],
  );
}

function split(rule: string, option: RegExp): string[] {
  const words = wordsOf(rule);
  const list = words[words.findIndex(({ value }) => option.test(value)) + 1];
  if (list === words[0] || list?.value.includes(',') !== true) return [rule];
  return list.value.split(',').map((one) => rule.slice(0, list.start) + one + rule.slice(list.end));
}

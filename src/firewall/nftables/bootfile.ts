/**
 * Edits the text of a persisted nft script, so that a rule can be added to a boot file without dumping a ruleset.
 * Only `table … { chain … { … } }` blocks are understood; what an `include` brings and what `add rule` commands
 * say is not seen. Grammar: nft(8), tried with nft 1.0.6. Offsets count from 0 in the text.
 */

/** A part of the text; `end` is the offset behind its last character. */
interface Span {
  readonly start: number;
  readonly end: number;
}

export interface RuleText extends Span {
  readonly text: string;
}

export interface ChainName {
  /** As nft lists it: a table without a family is `ip`. */
  readonly family: string;
  readonly table: string;
  readonly chain: string;
}

/** One block of a chain. `start` and `end`: its body, behind `{` and before `}`. */
export interface ChainText extends ChainName, Span {
  readonly rules: readonly RuleText[];
}

/** `before`: index of the rule, over all blocks of the chain in file order, to stand before; null: behind the last. */
export interface RulePlace extends ChainName {
  readonly before: number | null;
}

type Token = Span & { readonly kind: 'word' | 'open' | 'close' | 'end' };

/** First words of what stands in a chain without being a rule. */
const NO_RULE = [
  'type',
  'policy',
  'comment',
  'flags',
  'devices',
  'include',
  'define',
  'redefine',
  'undefine',
];

/** The blocks of chains, in file order; several blocks may belong to one chain. */
export function findChains(text: string): ChainText[] {
  const tokens = tokenize(text);
  return blocks(text, tokens, 'table').flatMap(({ head, body }) => {
    const [first = '', second] = head;
    const [family, table] = second === undefined ? ['ip', first] : [first, second];
    return blocks(text, body, 'chain').map(({ head: [chain = ''], body: inner, start, end }) => {
      return { family, table, chain, start, end, rules: rulesIn(text, inner) };
    });
  });
}

/**
 * The text with `rule` at the place: on a line of its own with the indentation of its neighbours where they have
 * lines of their own, else beside them. Null when the text has no such chain or no rule number `before`.
 */
export function placeRule(text: string, place: RulePlace, rule: string): string | null {
  const own = findChains(text).filter(
    (each) => each.family === place.family && each.table === place.table && each.chain === place.chain,
  );
  const last = own.at(-1);
  if (last === undefined) return null;
  if (place.before === null) return appendRule(text, last, rule);
  const next = own.flatMap((each) => each.rules)[place.before];
  return next === undefined ? null : insertBefore(text, next.start, indentAt(text, next.start), rule);
}

/**
 * The text without the rules for which `rule` holds; a rule that is alone on its line takes the line with it.
 * Takes back exactly what `placeRule` did.
 */
export function removeRules(text: string, rule: (text: string) => boolean): string {
  const gone = findChains(text).flatMap((chain) => chain.rules.filter((each) => rule(each.text)));
  return gone.reduceRight((left, each) => {
    const [from, to] = footprint(left, each);
    return left.slice(0, from) + left.slice(to);
  }, text);
}

/** The rules that carry `comment "MARK"` themselves; a comment on an element of a set does not count. */
export function markedRules(text: string, mark: string): (ChainName & RuleText)[] {
  return findChains(text).flatMap(({ family, table, chain, rules }) =>
    rules.filter((rule) => carries(rule.text, mark)).map((rule) => ({ family, table, chain, ...rule })),
  );
}

function carries(rule: string, mark: string): boolean {
  const words: string[] = [];
  let depth = 0;
  for (const token of tokenize(rule)) {
    if (token.kind === 'open') depth += 1;
    if (token.kind === 'close') depth -= 1;
    if (depth === 0) words.push(rule.slice(token.start, token.end));
  }
  return words.some((word, at) => word === 'comment' && words[at + 1] === `"${mark}"`);
}

/** Blanks, comments and continued line ends lie between tokens; a string in quotes is a word and may span lines. */
function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const kinds: Partial<Record<string, Token['kind']>> = {
    '{': 'open',
    '}': 'close',
    ';': 'end',
    '\n': 'end',
  };
  for (const match of text.matchAll(/\\\r?\n|[ \t\r]+|#[^\n]*|"[^"]*"|[{};\n]|(?:(?!\\\r?\n)[^\s{};#"])+/g)) {
    const what = match[0];
    if (/^(?:\\\r?\n|[ \t\r#])/.test(what)) continue;
    tokens.push({ kind: kinds[what] ?? 'word', start: match.index, end: match.index + what.length });
  }
  return tokens;
}

interface Block extends Span {
  readonly head: readonly string[];
  readonly body: readonly Token[];
}

/** The blocks `KEYWORD NAME… { … }` that stand directly among `tokens`. A block that is never closed is left out. */
function blocks(text: string, tokens: readonly Token[], keyword: string): Block[] {
  const found: Block[] = [];
  let head: string[] = [];
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token?.kind === 'word') head.push(text.slice(token.start, token.end));
    else if (token?.kind === 'open') {
      const close = closing(tokens, at);
      const brace = tokens[close];
      if (brace === undefined) break;
      if (head[0] === 'add' || head[0] === 'create') head.shift();
      const [first, ...names] = head;
      if (first === keyword) {
        found.push({ head: names, body: tokens.slice(at + 1, close), start: token.end, end: brace.start });
      }
      head = [];
      at = close;
    } else head = [];
  }
  return found;
}

/** Index of the brace that closes the one at `open`, or of nothing when it stays open. */
function closing(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at += 1) {
    if (tokens[at]?.kind === 'open') depth += 1;
    if (tokens[at]?.kind === 'close') depth -= 1;
    if (depth === 0) return at;
  }
  return tokens.length;
}

/** Statements of a chain's body; line ends and semicolons inside braces do not end one. */
function rulesIn(text: string, body: readonly Token[]): RuleText[] {
  const rules: RuleText[] = [];
  for (let at = 0; at < body.length; at += 1) {
    const first = body[at];
    if (first === undefined || first.kind === 'end') continue;
    let last = first;
    for (let next = body[at]; next !== undefined && next.kind !== 'end'; next = body[at]) {
      if (next.kind === 'open') at = closing(body, at);
      last = body[at] ?? next;
      at += 1;
    }
    if (NO_RULE.includes(text.slice(first.start, first.end))) continue;
    rules.push({ start: first.start, end: last.end, text: text.slice(first.start, last.end) });
  }
  return rules;
}

/** The blanks before `at` when nothing else stands before it on its line, else null. */
function indentAt(text: string, at: number): string | null {
  const before = text.slice(text.lastIndexOf('\n', at - 1) + 1, at);
  return /^[ \t]*$/.test(before) ? before : null;
}

function insertBefore(text: string, at: number, indent: string | null, rule: string): string {
  if (indent === null) return `${text.slice(0, at)}${rule}; ${text.slice(at)}`;
  const lineStart = text.lastIndexOf('\n', at - 1) + 1;
  return text.slice(0, lineStart) + indent + rule + eolOf(text) + text.slice(lineStart);
}

function appendRule(text: string, chain: ChainText, rule: string): string {
  const last = chain.rules.at(-1);
  if (last === undefined) return appendFirst(text, chain, rule);
  const rest = /^[ \t]*(;?)[ \t]*(?:#[^\n]*)?(\n?)/.exec(
    text.slice(last.end, chain.end).replaceAll('\r', ' '),
  );
  const behind = last.end + (rest?.[0].length ?? 0);
  if (rest?.[2] === '\n') {
    return text.slice(0, behind) + lineIndent(text, last.start) + rule + eolOf(text) + text.slice(behind);
  }
  if (rest?.[1] === ';') return insertBefore(text, behind, null, rule);
  return `${text.slice(0, last.end)}; ${rule}${text.slice(last.end)}`;
}

/** Into a body without a rule: below what else it says, before its closing brace. */
function appendFirst(text: string, chain: ChainText, rule: string): string {
  const tokens = tokenize(text.slice(chain.start, chain.end));
  const last = tokens.at(-1);
  if (last !== undefined && last.kind !== 'end') {
    const behind = chain.start + last.end;
    return `${text.slice(0, behind)}; ${rule}${text.slice(behind)}`;
  }
  const outer = indentAt(text, chain.end);
  const said = tokens.findLast((token) => token.kind !== 'end');
  const inner = said === undefined ? `${outer ?? ''}\t` : lineIndent(text, chain.start + said.start);
  return insertBefore(text, chain.end, outer === null ? null : inner, rule);
}

/** The blanks at the beginning of the line that `at` lies in. */
function lineIndent(text: string, at: number): string {
  return /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', at - 1) + 1))?.[0] ?? '';
}

function eolOf(text: string): string {
  return /\r?\n/.exec(text)?.[0] ?? '\n';
}

/** What goes with a rule: its line when it is alone there, else the semicolon behind it, else the one before it. */
function footprint(text: string, rule: RuleText): [from: number, to: number] {
  const indent = indentAt(text, rule.start);
  const line = /^[ \t]*;?[ \t]*\r?\n/.exec(text.slice(rule.end))?.[0];
  if (indent !== null && line !== undefined) return [rule.start - indent.length, rule.end + line.length];
  const behind = /^[ \t]*;[ \t]*/.exec(text.slice(rule.end))?.[0];
  if (behind !== undefined) return [rule.start, rule.end + behind.length];
  const before = /;[ \t]*$/.exec(text.slice(0, rule.start))?.[0];
  return [rule.start - (before?.length ?? 0), rule.end];
}

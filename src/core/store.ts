import { isMap, isScalar, parseDocument, type Node, type Pair } from 'yaml';
import { phrase } from './phrase.ts';
import { Problem } from './problem.ts';
import { tooMuchYaml } from './yaml-size.ts';

/**
 * One of cPanel's FTP stores as text: a flat YAML mapping, one `Key: value` a line (cPanel's document on passive
 * mode). `values` are scalars as their text, null where the value is `~`, `null` or empty. Of a key that occurs more
 * than once the last one counts here; that cPanel takes the last one too is unverified, so callers should mend
 * what `duplicates` names.
 */
export type Store =
  | {
      readonly ok: true;
      readonly values: ReadonlyMap<string, string | null>;
      readonly duplicates: readonly string[];
    }
  | Broken;

/** Why a store cannot be read: `line` counts from 1, `why` is a clause for people. */
export interface Broken {
  readonly ok: false;
  readonly line: number;
  readonly why: string;
}

/** `start` to `end` is the entry's own text: from its key to the end of its value, without a comment behind it. */
interface Entry {
  readonly key: string;
  readonly value: string | null;
  readonly start: number;
  readonly end: number;
}

interface Entries {
  readonly ok: true;
  readonly entries: readonly Entry[];
  /** Where `{}` stands, when that is the whole mapping. */
  readonly braces: readonly [start: number, end: number] | null;
}

/** Reads a store. An empty file, and one with nothing but comments, is an empty store. */
export function readStore(text: string): Store {
  const read = readEntries(text);
  if (!read.ok) return read;
  const values = new Map<string, string | null>();
  const duplicates = new Set<string>();
  for (const { key, value } of read.entries) {
    if (values.has(key)) duplicates.add(key);
    values.set(key, value);
  }
  return { ok: true, values, duplicates: [...duplicates] };
}

/**
 * The store with exactly one entry of `key`: the first one is replaced where it stands, later ones are removed, a
 * missing one is added at the end. Null is written `~`. Every other byte stays as it was.
 * @throws Problem `invalid` when the store is broken, or cannot take the value as one plain line
 */
export function setKey(text: string, key: string, value: string | null): string {
  const { entries, braces } = readable(text);
  const line = `${key}: ${value ?? '~'}`;
  const [first, ...later] = entries.filter((entry) => entry.key === key);
  let after = later.reduceRight(cutEntry, text);
  if (first === undefined) {
    after = appendLine(text, line, entries[0], braces);
  } else if (!saysAlready(text.slice(first.start, first.end), first, line, value)) {
    after = after.slice(0, first.start) + line + after.slice(first.end);
  }
  return proven(text, after, key, value);
}

/**
 * The store without any entry of `key`; every other byte stays as it was.
 * @throws Problem `invalid` when the store is broken, or the entry cannot be taken out by lines
 */
export function removeKey(text: string, key: string): string {
  const { entries } = readable(text);
  const after = entries.filter((entry) => entry.key === key).reduceRight(cutEntry, text);
  return proven(text, after, key, undefined);
}

function readEntries(text: string): Entries | Broken {
  const last = lineAt(text, text.trimEnd().length);
  const broken = (line: number, why: string): Broken => ({ ok: false, line: Math.min(line, last), why });
  const much = tooMuchYaml(text);
  if (much !== null) return broken(lineAt(text, much), phrase`the file is too long or too deep for a store`);
  const document = parseDocument(text, { uniqueKeys: false, schema: 'failsafe', prettyErrors: false });
  const error = document.errors[0];
  if (error)
    return broken(lineAt(text, error.pos[0]), REASONS[error.code] ?? phrase`the line is not valid YAML`);

  const top = document.contents as Node | null;
  if (top === null || isNull(top)) return { ok: true, entries: [], braces: null };
  if (!isMap(top))
    return broken(lineAt(text, top.range?.[0] ?? 0), phrase`the file is not made of "Key: value" lines`);
  const entries: Entry[] = [];
  for (const pair of top.items as Pair<Node, Node | null>[]) {
    const entry = readPair(text, pair);
    if (entry === null) {
      const line = lineAt(text, pair.key.range?.[0] ?? 0);
      return broken(line, phrase`the entry has a list, a mapping or a reference where one value belongs`);
    }
    entries.push(entry);
  }
  return {
    ok: true,
    entries,
    braces: entries.length === 0 && top.range ? [top.range[0], top.range[1]] : null,
  };
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

const REASONS: Partial<Record<string, string>> = {
  BLOCK_AS_IMPLICIT_KEY: phrase`two entries run together, or the next line is indented`,
  UNEXPECTED_TOKEN: phrase`the line is not indented like the ones above it`,
  MISSING_CHAR: phrase`a colon or a closing quote is missing`,
  TAB_AS_INDENT: phrase`the line begins with a tab`,
  MULTIPLE_DOCS: phrase`a second YAML document begins here`,
};

function readPair(text: string, { key, value }: Pair<Node, Node | null>): Entry | null {
  if (!isScalar(key) || !key.range) return null;
  const [start, keyEnd] = key.range;
  const name = String(key.value);
  if (value === null) return { key: name, value: null, start, end: keyEnd };
  if (!isScalar(value) || !value.range) return null;
  const end = start + text.slice(start, value.range[1]).replace(/[ \t\r\n]+$/, '').length;
  return { key: name, value: isNull(value) ? null : String(value.value), start, end };
}

/** YAML's core schema: an unquoted `~`, `null` or nothing. A quoted `'~'` is a text. */
function isNull(node: Node): boolean {
  return isScalar(node) && node.type === 'PLAIN' && /^(~|null|Null|NULL)?$/.test(node.source ?? '');
}

function readable(text: string): Entries {
  const read = readEntries(text);
  if (!read.ok) throw new Problem('invalid', phrase`Line ${read.line} of the store is broken: ${read.why}.`);
  return read;
}

/** A quoted text may stay as it is; a null must be the documented `~`, for `Key:` is not the same to every parser. */
function saysAlready(written: string, entry: Entry, line: string, value: string | null): boolean {
  return written === line || (value !== null && entry.value === value && !written.includes('\n'));
}

function cutEntry(text: string, entry: Entry): string {
  const from = Math.max(text.lastIndexOf('\n', entry.start) + 1, text.startsWith('\uFEFF') ? 1 : 0);
  const newline = text.indexOf('\n', entry.end);
  return text.slice(0, from) + (newline < 0 ? '' : text.slice(newline + 1));
}

function appendLine(text: string, line: string, like: Entry | undefined, braces: Entries['braces']): string {
  const eol = /\r?\n/.exec(text)?.[0] ?? '\n';
  if (braces) {
    const head = text.slice(0, braces[0]).replace(/[ \t]+$/, '');
    return head + (/\S$/.test(head) ? eol : '') + line + text.slice(braces[1]);
  }
  const indent = like ? (/[ ]*$/.exec(text.slice(0, like.start))?.[0] ?? '') : '';
  const base = text === '' || text === '\uFEFF' || text.endsWith('\n') ? text : text + eol;
  return base + indent + line + eol;
}

/** Hands `after` back only when reading it gives the values of `before` with this one key changed, and it only once. */
function proven(before: string, after: string, key: string, value: string | null | undefined): string {
  const expected = new Map(readable(before).entries.map((entry) => [entry.key, entry.value]));
  if (value === undefined) expected.delete(key);
  else expected.set(key, value);
  const found = readStore(after);
  const same =
    found.ok &&
    found.values.size === expected.size &&
    !found.duplicates.includes(key) &&
    [...expected].every(([name, each]) => found.values.get(name) === each);
  if (same) return after;
  throw new Problem(
    'invalid',
    phrase`${key} cannot be changed in this store: write every entry as one "Key: value" line.`,
  );
}

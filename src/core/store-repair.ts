import { readStore, type Broken } from './store.ts';
import { tooMuchYaml } from './yaml-size.ts';

/**
 * A store as it should have been written: Unix line ends, no byte order mark, no indentation, readable. `windows` and
 * `indented` say what was there; `broken` is why the text could not be read, null when it could.
 */
export interface Repair {
  readonly text: string;
  readonly windows: boolean;
  readonly indented: boolean;
  readonly broken: Broken | null;
}

/** Characters that are read again and again before a text counts as no store: some fifty times for a usual one. */
const PATIENCE = 100_000;
const ENTRY = /^[ \t]+(?=[A-Za-z]\w*:(?:\s|$))/gm;

/**
 * Repairs a store without losing a word: entries that run together are parted before one of `keys`, entries that are
 * indented move to the margin, and a line that still cannot be read becomes a comment. Everything else stays.
 * @returns null when no entry would be left, for then it was no store
 */
export function repairStore(text: string, keys: readonly string[]): Repair | null {
  const unix = text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  const windows = unix !== text;
  const read = readStore(unix);
  if (tooMuchYaml(unix) !== null) return null;
  if (read.ok) {
    const flush = atMargin(unix);
    return { text: flush, windows, indented: flush !== unix, broken: null };
  }
  const parted = unix
    .split('\n')
    .map((line) => (line.trimStart().startsWith('#') ? line : part(line, keys)))
    .join('\n');
  const repaired = commentOut(parted.replace(ENTRY, ''));
  return repaired === null ? null : { text: repaired, windows, indented: false, broken: read };
}

/** The same entries without the indentation that all of them share. */
function atMargin(text: string): string {
  const flush = text.replace(ENTRY, '');
  const [before, after] = [readStore(text), readStore(flush)];
  const same =
    before.ok &&
    after.ok &&
    after.values.size === before.values.size &&
    [...before.values].every(([key, value]) => after.values.get(key) === value);
  return same ? flush : text;
}

/** A newline before a key that stands behind the value of another entry. */
function part(line: string, keys: readonly string[]): string {
  return line.replace(new RegExp(`(?<=\\w:\\s.*\\S)\\s*(?=(?:${keys.join('|')}):(?:\\s|$))`, 'g'), '\n');
}

/** Makes comments of lines until the rest can be read: the one line that is enough where there is one. */
function commentOut(text: string): string | null {
  let left = text;
  let patience = PATIENCE;
  const canBeRead = (tried: string): boolean => (patience -= tried.length) > 0 && readStore(tried).ok;
  for (let read = readStore(left); !read.ok; read = readStore(left)) {
    if (patience <= 0) return null;
    const reported = read.line - 1;
    const lines = left.split('\n');
    const near = [...lines.keys()]
      .filter((index) => /^\s*[^\s#]/.test(lines[index] ?? ''))
      .sort((a, b) => distance(a, reported) - distance(b, reported));
    const hidden = (index: number): string =>
      lines.map((line, each) => (each === index ? `# ${line}` : line)).join('\n');
    const best =
      near.find((index) => canBeRead(hidden(index))) ??
      near.find((index) => !/^\w+:(\s|$)/.test(lines[index] ?? '')) ??
      near[0];
    if (best === undefined) return null;
    left = hidden(best);
  }
  const { values } = readStore(left) as { values: ReadonlyMap<string, string | null> };
  return values.size > 0 ? left : null;
}

/** A fault is often noticed behind the line that has it, seldom before. */
function distance(line: number, reported: number): number {
  return line <= reported ? reported - line : (line - reported) * 1000;
}

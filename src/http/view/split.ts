import { phrase } from '../../core/phrase.ts';

/** One side of a row: a line with its sign, and its number in the file; both empty where this side has no line. */
export interface SplitSide {
  readonly number: string;
  readonly text: string;
  readonly change: 'old' | 'new' | 'same' | 'none';
}

/** A row of a diff with both files side by side. `place`: where in the file the rows after it stand; else empty. */
export interface SplitRow {
  readonly place: string;
  readonly before: SplitSide;
  readonly after: SplitSide;
}

const NONE: SplitSide = { number: '', text: '', change: 'none' };
const PLACE = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/;

/** A unified diff side by side: what replaces something stands beside it. */
export function splitRows(diff: string): SplitRow[] {
  const rows: SplitRow[] = [];
  let removed: SplitSide[] = [];
  let added: SplitSide[] = [];
  let [oldLine, newLine] = [0, 0];

  function pair(): void {
    for (let index = 0; index < Math.max(removed.length, added.length); index++)
      rows.push({ place: '', before: removed[index] ?? NONE, after: added[index] ?? NONE });
    [removed, added] = [[], []];
  }

  const lines = diff.replace(/\n$/, '').split('\n');
  const first = lines.findIndex((line) => line.startsWith('@@'));
  for (const text of first === -1 ? [] : lines.slice(first)) {
    const place = PLACE.exec(text);
    if (place) {
      pair();
      [oldLine, newLine] = [Number(place[1]), Number(place[2])];
      rows.push({ place: phrase`From line ${newLine} on`, before: NONE, after: NONE });
    } else if (text.startsWith('-')) {
      removed.push({ number: String(oldLine++), text, change: 'old' });
    } else if (text.startsWith('+')) {
      added.push({ number: String(newLine++), text, change: 'new' });
    } else if (text.startsWith('\\')) {
      const side = added.length > 0 ? added : removed;
      side.push({ number: '', text, change: side === added ? 'new' : 'old' });
    } else {
      pair();
      const same = { text, change: 'same' } as const;
      rows.push({
        place: '',
        before: { ...same, number: String(oldLine++) },
        after: { ...same, number: String(newLine++) },
      });
    }
  }
  pair();
  return rows;
}

import type { Book } from './book.ts';
import type { RunRecord } from './record.ts';
import type { Shelf } from './shelf.ts';

const MOST_RUNS = 200;
/** As many are left when there were more, so that not every run after that has to read all journals. */
const LEFT_RUNS = 180;
const MOST_BYTES = 256 * 1024 * 1024;
const LONGEST_MS = 365 * 24 * 60 * 60 * 1000;
/** These stay whatever their age: a clock that jumped ahead must not empty the history. */
const ALWAYS_RUNS = 20;

/** A run of the history. `record` is null for one that was cut off before its journal had a line. */
export interface KeptRun {
  readonly id: string;
  readonly record: RunRecord | null;
  readonly bytes: number;
}

/**
 * The runs that the history has no room for. Runs at work stay, and so do: those that wait to be confirmed; the newest
 * run that can be put back, for each half of the settings; the newest that was done, which tells how the server is
 * meant to be; runs that were cut off and left something changed, and what those put back.
 * @param runs oldest first
 * @param now wall time, milliseconds
 */
export function overdueRuns(runs: readonly KeptRun[], now: number): string[] {
  const newestFirst = [...runs].reverse();
  const needed = neededRuns(newestFirst);
  const overdue: string[] = [];
  const most = runs.length > MOST_RUNS ? LEFT_RUNS : MOST_RUNS;
  let count = 0;
  let bytes = 0;
  for (const run of newestFirst) {
    count++;
    bytes += run.bytes;
    const old =
      count > ALWAYS_RUNS && run.record !== null && now - Date.parse(run.record.started) > LONGEST_MS;
    if (needed.has(run.id)) continue;
    if (run.record === null || old || count > most || bytes > MOST_BYTES) {
      overdue.push(run.id);
      bytes -= run.bytes;
      count--;
    }
  }
  return overdue;
}

function neededRuns(newestFirst: readonly KeptRun[]): Set<string> {
  const records = newestFirst.flatMap(({ record }) => record ?? []);
  const needed = records.filter(
    ({ state, changed, unconfirmed }) =>
      state === 'running' || unconfirmed !== undefined || (state === 'interrupted' && changed),
  );
  const halves = new Set<string>();
  for (const record of records) {
    const half = record.settings.only ?? '';
    if (record.verb !== 'apply' || !record.changed || halves.has(half)) continue;
    halves.add(half);
    needed.push(record);
  }
  const done = records.find(({ state }) => state === 'done');
  if (done !== undefined) needed.push(done);
  return new Set(needed.flatMap(({ id, undoes }) => [id, undoes ?? id]));
}

/** Makes the history small enough again. To be called by who holds the lock. */
export async function pruneHistory(shelf: Shelf, book: Book, now: number): Promise<void> {
  const sizes = new Map<string, number>();
  for (const id of await shelf.list()) sizes.set(id, await shelf.size(id));
  if (!isLong(sizes, now)) return;
  const holder = await shelf.holder();
  const records = new Map((await book.list()).map((record) => [record.id, record]));
  const runs = [...sizes].map(([id, bytes]) => ({ id, record: records.get(id) ?? null, bytes }));
  for (const id of overdueRuns(runs, now)) if (id !== holder) await shelf.remove(id);
}

/** Whether anything may be overdue, as far as names and sizes tell: journals take their time to be read. */
function isLong(sizes: ReadonlyMap<string, number>, now: number): boolean {
  const bytes = [...sizes.values()].reduce((sum, each) => sum + each, 0);
  const [oldest = ''] = sizes.keys();
  return sizes.size > MOST_RUNS || bytes > MOST_BYTES || startOf(oldest) < now - LONGEST_MS;
}

/** Wall time, milliseconds, as the name of a run tells it; of another name the beginning of time. */
function startOf(run: string): number {
  const iso = run.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-.*$/, '$1-$2-$3T$4:$5:$6Z');
  return Date.parse(iso) || 0;
}

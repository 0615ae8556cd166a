import assert from 'node:assert/strict';
import fc from 'fast-check';
import { openBook } from '../../src/runs/book.ts';
import { overdueRuns, pruneHistory, type KeptRun } from '../../src/runs/pruning.ts';
import type { RunRecord } from '../../src/runs/record.ts';
import { begin, end, memoryShelf } from './memory-shelf.ts';

const NOW = Date.UTC(2026, 10, 22);
const DAY = 24 * 60 * 60 * 1000;
const MB = 1024 * 1024;

const record = (id: string, more: Partial<RunRecord> = {}): RunRecord => ({
  id,
  verb: 'apply',
  who: { user: 'root', address: 'local', via: 'cli' },
  started: new Date(NOW).toISOString(),
  state: 'undone',
  changed: false,
  settings: { range: '50000-50010' },
  plan: { id: 'plan', empty: false, notes: [], steps: [] },
  steps: [],
  ...more,
});
const name = (index: number): string => `r${String(index).padStart(4, '0')}`;
/** Runs that left nothing changed, oldest first; `more` for some of them. */
const history = (
  count: number,
  more: Readonly<Record<number, Partial<RunRecord>>> = {},
  bytes = 1,
): KeptRun[] =>
  Array.from({ length: count }, (_, index) => {
    const id = name(index);
    return { id, record: record(id, more[index]), bytes };
  });
const names = (count: number): string[] => Array.from({ length: count }, (_, index) => name(index));

describe('the history', () => {
  it('keeps two hundred runs, and the last 180 when there were more', () => {
    assert.deepEqual(overdueRuns(history(200), NOW), []);
    assert.deepEqual(overdueRuns(history(203), NOW), names(23).reverse());
  });

  it('keeps as many of the newest as have room in 256 MB', () => {
    assert.deepEqual(overdueRuns(history(16, {}, 16 * MB), NOW), []);
    assert.deepEqual(overdueRuns(history(18, {}, 16 * MB), NOW), names(2).reverse());
  });

  it('keeps what is younger than a year, and twenty runs whatever their age', () => {
    const started = (days: number): Partial<RunRecord> => ({
      started: new Date(NOW - days * DAY).toISOString(),
    });
    const runs = history(30, { 0: started(366), 1: started(366), 2: started(364), 29: started(400) });
    assert.deepEqual(overdueRuns(runs, NOW), [name(1), name(0)]);
    assert.deepEqual(overdueRuns(history(25), NOW + 3000 * DAY), names(5).reverse());
  });

  it('keeps what can be put back, what was cut off with what that put back, and what is at work', () => {
    const runs = history(300, {
      0: { changed: true, state: 'done' },
      1: { changed: true, state: 'done' },
      2: { changed: true, state: 'done', settings: { only: 'firewall' } },
      3: { changed: true, state: 'failed' },
      4: { verb: 'undo', state: 'interrupted', changed: true, undoes: name(3) },
      5: { state: 'running' },
      6: { state: 'interrupted', changed: false },
      7: { verb: 'undo', state: 'done' },
    });
    const left = new Set(overdueRuns(runs, NOW));
    const kept = names(8).filter((id) => !left.has(id));
    assert.deepEqual(kept, [2, 3, 4, 5, 7].map(name));
  });

  it('keeps what is put back unless somebody confirms it, also when a clock that was set back makes it old', () => {
    const waits = { armed: new Date(NOW).toISOString(), seconds: 120 };
    const runs = history(300, {
      0: { changed: true, state: 'done', unconfirmed: waits },
      1: { changed: true, state: 'failed', unconfirmed: waits },
      2: { changed: true, state: 'done' },
      3: { changed: true, state: 'done' },
    });
    const left = new Set(overdueRuns(runs, NOW));
    const kept = names(4).filter((id) => !left.has(id));
    assert.deepEqual(kept, [0, 1, 3].map(name));
  });

  it('forgets what never began', () => {
    const runs = [...history(1), { id: 'r9999', record: null, bytes: 1 }];
    assert.deepEqual(overdueRuns(runs, NOW), ['r9999']);
  });

  it('is small enough after that, and nothing more is overdue then', () => {
    const run = fc.record({
      state: fc.constantFrom('done', 'undone', 'failed', 'interrupted'),
      verb: fc.constantFrom('apply', 'undo'),
      changed: fc.boolean(),
      bytes: fc.nat({ max: 40 * MB }),
    });
    fc.assert(
      fc.property(fc.array(run, { maxLength: 260 }), (given) => {
        const runs = given.map(({ bytes, ...more }, index) => ({
          id: name(index),
          record: record(name(index), more as Partial<RunRecord>),
          bytes,
        }));
        const left = new Set(overdueRuns(runs, NOW));
        const kept = runs.filter(({ id }) => !left.has(id));
        assert.deepEqual(overdueRuns(kept, NOW), []);
        const open = kept.filter((each) => each.record.state === 'interrupted' && each.record.changed);
        assert.ok(kept.length <= 200 + open.length + 2);
        const undoable = (each: (typeof runs)[number]): boolean =>
          each.record.verb === 'apply' && each.record.changed;
        assert.equal(kept.findLast(undoable)?.id, runs.findLast(undoable)?.id);
      }),
      { numRuns: 60 },
    );
  });

  it('is pruned on the shelf, but for the run that holds the lock', async () => {
    const shelf = memoryShelf();
    for (const id of names(205))
      shelf.write(id, begin({ started: `2026-01-01T00:0${id.slice(1, 2)}:00.000Z` }), end('undone', false));
    shelf.write(name(1000), '{"at":"beg');
    shelf.held = name(0);
    await pruneHistory(shelf, openBook(shelf), NOW);
    assert.deepEqual(await shelf.list(), [name(0), ...names(205).slice(25)]);
  });

  it('reads no journal while it is short and young', async () => {
    const shelf = memoryShelf();
    const ids = Array.from({ length: 200 }, (_, at) => `20261121T10${String(at).padStart(4, '0')}Z-00000a`);
    for (const id of ids) shelf.write(id, begin(), end('undone', false));
    await pruneHistory(shelf, openBook(shelf), NOW);
    assert.deepEqual(shelf.asked, []);
    await pruneHistory(shelf, openBook(shelf), NOW + 400 * DAY);
    assert.equal(shelf.asked.length, 200);
  });
});

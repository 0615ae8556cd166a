import assert from 'node:assert/strict';
import { openLog } from '../../src/runs/run-log.ts';
import { begin, memoryShelf } from './memory-shelf.ts';

const RUN = '20261122T102233Z-1a2b3c';

describe('the log of a run', () => {
  it('that cannot be begun leaves no run behind', async () => {
    const shelf = memoryShelf();
    const removed: string[] = [];
    const full = {
      ...shelf,
      addToJournal: () => Promise.reject(new Error('the disk is full')),
      remove: (run: string) => Promise.resolve(void removed.push(run)),
    };
    const first = begin();
    assert.ok(first.at === 'begin');
    const clock = { now: () => 0, elapsed: () => 0, sleep: () => Promise.resolve() };
    const ports = { engine: { clock }, shelf: full, size: { columns: 80, rows: 24 }, grew: () => undefined };
    await assert.rejects(openLog(ports, RUN, first), /the disk is full/);
    assert.deepEqual(removed, [RUN]);
  });
});

import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Problem } from '../../src/core/problem.ts';
import { openBook, type Book } from '../../src/runs/book.ts';
import { openRunner, type Runner } from '../../src/runs/runner.ts';
import type { Shelf } from '../../src/runs/shelf.ts';
import { openShelf } from '../../src/system/shelf.ts';
import { COPIES } from '../engine/disk.ts';
import { settings, startServer, type Server } from '../engine/server.ts';
import { noSwitch } from './switch.ts';

const WHO = { user: 'root', address: '198.51.100.20', via: 'whm' } as const;
const runId = (count: number): string => `20261122T102233Z-00000${count}`;

interface House {
  readonly server: Server;
  readonly shelf: Shelf;
  readonly book: Book;
  readonly runner: Runner;
}

describe('the runner in trouble', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'runs-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** @param most lines that the journal takes before the disk is full */
  function house(most = Infinity): House {
    const server = startServer();
    const kept = openShelf(folder);
    let lines = 0;
    const shelf: Shelf = {
      ...kept,
      copyPath: (run, step, index) => `${COPIES}${run}/${step}-${index}`,
      addToJournal(run, line) {
        lines += 1;
        if (lines > most) return Promise.reject(new Problem('disk-full', 'The disk is full.'));
        return kept.addToJournal(run, line);
      },
    };
    const book = openBook(shelf);
    let count = 0;
    const size = { columns: 120, rows: 40 };
    const newRunId = (): string => runId((count += 1));
    const runner = openRunner({
      engine: server.ports,
      deadMan: noSwitch(),
      shelf,
      book,
      prepareTerminals: () => undefined,
      size,
      newRunId,
      grew: () => undefined,
    });
    return { server, shelf, book, runner };
  }

  for (const most of [1, 6, 12, 18, 19]) {
    it(`ends, gives the lock back, and has put the server back or says that it did not, on a disk that is full after ${most} lines`, async () => {
      const { server, shelf, runner } = house(most);
      const before = server.state();
      const started = await runner.apply({ settings: settings(), who: WHO });
      const ending = await started?.ended;
      assert.equal(await shelf.holder(), null);
      if (ending?.state === 'undone') assert.deepEqual(server.state(), before);
      else assert.equal(ending?.changed, true);
    });
  }

  it('marks a run as undone whose journal a power cut has torn', async () => {
    const { shelf, book, runner } = house();
    const started = await runner.apply({ settings: settings(), who: WHO });
    await started?.ended;
    appendFileSync(join(folder, 'runs', runId(1), 'journal.jsonl'), '{"at":"ste');
    const undo = await runner.undo({ run: runId(1), who: WHO });
    assert.equal((await undo.ended).state, 'done');
    const record = await book.run(runId(1));
    assert.deepEqual([record.undoneBy, record.changed], [undo.run, false]);
    assert.equal(await shelf.holder(), null);
  });
});

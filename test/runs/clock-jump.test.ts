import assert from 'node:assert/strict';
import type { Book } from '../../src/runs/book.ts';
import { standBy, UNDO_AFTER_SECONDS } from '../../src/runs/dead-man.ts';
import { foldJournal } from '../../src/runs/book.ts';
import { begin } from './memory-shelf.ts';

const RUN = '20261122T102233Z-1a2b3c';
const DAY_MS = 86_400_000;
const ENDED_MS = Date.UTC(2026, 10, 22, 10, 22, 43);

describe('the switch of a run, when the clock jumps', () => {
  /** Seconds after the run's end at which it is put back, by a clock that nobody sets. */
  async function firesAfter(jumpMs: number, atSecond: number): Promise<number> {
    let elapsed = 0;
    const record = foldJournal(
      RUN,
      [
        begin(),
        { at: 'armed', when: new Date(ENDED_MS - 5000).toISOString(), seconds: UNDO_AFTER_SECONDS },
        { at: 'step', step: 's1', state: 'running', saved: [] },
        { at: 'end', ended: new Date(ENDED_MS).toISOString(), state: 'done', changed: true },
      ],
      null,
    );
    assert.ok(record);
    const book: Pick<Book, 'run'> = { run: () => Promise.resolve(record) };
    const clock = {
      now: () => ENDED_MS + elapsed + (elapsed >= atSecond * 1000 ? jumpMs : 0),
      elapsed: () => elapsed,
      sleep: (ms: number) => Promise.resolve(void (elapsed += ms)),
    };
    const ended = Promise.resolve({ state: 'done', changed: false } as const);
    await standBy({ book, clock }, RUN, () => Promise.resolve({ run: RUN, ended }));
    return elapsed / 1000;
  }

  for (const days of [1, -1, 400, -400]) {
    it(`by ${days} days while it waits, puts the run back in its time`, async () => {
      assert.equal(await firesAfter(days * DAY_MS, 30), UNDO_AFTER_SECONDS);
    });
  }

  it('back before it waits, puts the run back no later than a whole time after that', async () => {
    assert.equal(await firesAfter(-DAY_MS, 0), UNDO_AFTER_SECONDS);
  });
});

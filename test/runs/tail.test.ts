import assert from 'node:assert/strict';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import sinon from 'sinon';
import { Problem } from '../../src/core/problem.ts';
import { openBook } from '../../src/runs/book.ts';
import { openTail, PIECE_BYTES, type Tail } from '../../src/runs/tail.ts';
import { begin, end, memoryShelf, type MemoryShelf } from './memory-shelf.ts';

const RUN = '20261122T102233Z-1a2b3c';
const NEVER = new AbortController().signal;

interface Live {
  readonly shelf: MemoryShelf;
  readonly tail: Tail;
  add(text: string): void;
  end(): void;
}

/**
 * A run that goes on, in this process unless `quiet`: then nobody tells that its recording grew.
 * @param unsure says, for each piece, whether it is not known what was added
 */
function startRun({ quiet = false, unsure = (): boolean => false } = {}): Live {
  const shelf = memoryShelf();
  const tail = openTail(shelf, openBook(shelf));
  shelf.write(RUN, begin());
  shelf.held = RUN;
  return {
    shelf,
    tail,
    add(text) {
      const piece = shelf.addToRecording(RUN, Buffer.from(text));
      if (!quiet) tail.grew(RUN, unsure() ? null : piece);
    },
    end() {
      shelf.write(RUN, end('done', true));
      shelf.held = null;
      if (!quiet) tail.grew(RUN);
    },
  };
}

/**
 * Reads from `offset` on until the run ends, or until `most` bytes have come: what a page that closes has seen.
 * @param more whether it has room for another piece, after it was given one
 */
async function read(
  tail: Tail,
  offset: number,
  most = Number.POSITIVE_INFINITY,
  pause = 0,
  more?: () => boolean,
): Promise<Buffer> {
  const stop = new AbortController();
  let seen = Buffer.alloc(0);
  const take = (piece: Uint8Array): void => void (seen = Buffer.concat([seen, piece]));
  const give = (piece: Uint8Array): boolean => {
    take(piece);
    if (seen.length >= most) stop.abort();
    return more?.() === true;
  };
  for await (const piece of tail.follow(RUN, offset, stop.signal, more && give)) {
    take(piece);
    if (seen.length >= most) break;
    if (pause > 0) await sleep(pause);
  }
  return seen.subarray(0, most);
}

describe('a follower', () => {
  it('that comes and goes at any byte gets the whole, byte by byte the same', async () => {
    const texts = fc.array(fc.string({ unit: 'grapheme', maxLength: 20 }), { minLength: 1, maxLength: 30 });
    const leaves = fc.array(fc.integer({ min: 1, max: 80 }), { maxLength: 20 });
    const doubts = fc.infiniteStream(fc.integer({ min: 0, max: 4 }));
    await fc.assert(
      fc.asyncProperty(texts, leaves, doubts, async (pieces, stays, doubt) => {
        const run = startRun({ unsure: () => doubt.next().value === 0 });
        const writing = (async () => {
          for (const piece of pieces) {
            run.add(piece);
            await turn();
          }
          run.end();
        })();
        let seen = Buffer.alloc(0);
        const whole = Buffer.from(pieces.join(''));
        const more = (): boolean => doubt.next().value !== 0;
        for (const stay of stays) {
          if (seen.length + stay <= whole.length) {
            const given = doubt.next().value === 0 ? undefined : more;
            seen = Buffer.concat([seen, await read(run.tail, seen.length, stay, 0, given)]);
          }
        }
        seen = Buffer.concat([seen, await read(run.tail, seen.length)]);
        await writing;
        assert.deepEqual(seen, whole);
      }),
      { numRuns: 60 },
    );
  });

  it('gets a character in halves when it leaves in the middle of one', async () => {
    const run = startRun();
    run.add('€😀');
    run.end();
    const halves: Buffer[] = [];
    for (let offset = 0; offset < 7; offset++) halves.push(await read(run.tail, offset, 1));
    assert.equal(Buffer.concat(halves).toString(), '€😀');
  });

  it('hears at once of what this process records', async () => {
    const run = startRun();
    const started = performance.now();
    const reading = read(run.tail, 0);
    for (let index = 0; index < 50; index++) {
      await turn();
      run.add(`${index} `);
    }
    run.end();
    assert.match((await reading).toString(), /^0 1 .* 49 $/);
    assert.ok(performance.now() - started < 2000);
  });

  it('that keeps up reads neither the journal nor the recording for it', async () => {
    const run = startRun();
    run.add('first');
    const stop = new AbortController();
    const following = run.tail.follow(RUN, 0, stop.signal)[Symbol.asyncIterator]();
    await following.next();
    const { length } = run.shelf.asked;
    for (const text of ['one', 'two', 'three']) {
      const next = following.next();
      await sleep(5);
      run.add(text);
      assert.equal(Buffer.from((await next).value as Uint8Array).toString(), text);
    }
    assert.equal(run.shelf.asked.length, length);
    stop.abort();
  });

  it('is given what is written at that moment, and no more than it has room for', async () => {
    const run = startRun();
    const stop = new AbortController();
    const given: string[] = [];
    let room = true;
    const give = (piece: Uint8Array): boolean => {
      given.push(Buffer.from(piece).toString());
      return room;
    };
    const following = run.tail.follow(RUN, 0, stop.signal, give)[Symbol.asyncIterator]();
    let next = following.next();
    run.add('first');
    assert.equal(Buffer.from((await next).value as Uint8Array).toString(), 'first');
    next = following.next();
    await sleep(5);
    run.add('one');
    assert.deepEqual(given, ['one']);
    room = false;
    run.add('two');
    run.add('three');
    assert.deepEqual(given, ['one', 'two']);
    assert.equal(Buffer.from((await next).value as Uint8Array).toString(), 'three');
    run.add('four');
    assert.deepEqual(given, ['one', 'two'], 'it is at work');
    next = following.next();
    assert.equal(Buffer.from((await next).value as Uint8Array).toString(), 'four');
    room = true;
    next = following.next();
    await sleep(5);
    run.add('five');
    assert.deepEqual(given, ['one', 'two', 'five']);
    run.end();
    assert.equal((await next).done, true);
  });

  it('that cannot take what it is given does no harm to who writes, and is given the next otherwise', async () => {
    const run = startRun();
    const broken = (): boolean => {
      throw new Error('the socket is gone');
    };
    const following = run.tail.follow(RUN, 0, NEVER, broken)[Symbol.asyncIterator]();
    let next = following.next();
    run.add('first');
    await next;
    next = following.next();
    await sleep(5);
    run.add('lost');
    run.add('and');
    assert.equal(Buffer.from((await next).value as Uint8Array).toString(), 'and');
    run.end();
    assert.equal((await following.next()).done, true);
  });

  it('of a run of this process finds its end, though nobody tells of it', async () => {
    const clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const run = startRun();
      run.add('all');
      const reading = read(run.tail, 0);
      await clock.tickAsync(10);
      run.shelf.write(RUN, end('done', true));
      await clock.tickAsync(2000);
      assert.equal((await reading).toString(), 'all');
    } finally {
      clock.restore();
    }
  });

  it('among fifty gets the same bytes as all others, in one piece', async () => {
    const run = startRun();
    const stops = Array.from({ length: 50 }, () => new AbortController());
    const all = stops.map(({ signal }) => run.tail.follow(RUN, 0, signal)[Symbol.asyncIterator]());
    const first = all.map((each) => each.next());
    await sleep(20);
    run.add('one');
    const got = await Promise.all(first);
    assert.equal(new Set(got.map(({ value }) => value as Uint8Array)).size, 1);
    const second = all.map((each) => each.next());
    run.add('two ');
    run.add('three');
    const more = (await Promise.all(second)).map(({ value }) => Buffer.from(value as Uint8Array).toString());
    assert.deepEqual(new Set(more), new Set(['two three']));
    for (const stop of stops) stop.abort();
  });

  it('soon hears of what another process records, and of its end', async () => {
    const run = startRun({ quiet: true });
    const reading = read(run.tail, 0);
    await sleep(20);
    run.add('from elsewhere');
    await sleep(20);
    run.end();
    assert.equal((await reading).toString(), 'from elsewhere');
  });

  it('goes at its own pace and disturbs no other', async () => {
    const run = startRun();
    const slow = read(run.tail, 0, Number.POSITIVE_INFINITY, 30);
    const quick = read(run.tail, 0);
    const pieces = Array.from({ length: 200 }, (_, index) => `piece ${index}\n`);
    for (const piece of pieces) {
      run.add(piece);
      await turn();
    }
    run.end();
    let slowHasAll = false;
    const both = slow.then((bytes) => {
      slowHasAll = true;
      return bytes;
    });
    assert.equal((await quick).toString(), pieces.join(''));
    assert.equal(slowHasAll, false);
    assert.equal((await both).toString(), pieces.join(''));
  });

  it('of a run that has ended gets the rest and is let go', async () => {
    const run = startRun();
    run.add('all there is');
    run.end();
    assert.equal((await read(run.tail, 0)).toString(), 'all there is');
    assert.equal((await read(run.tail, 4)).toString(), 'there is');
    assert.equal((await read(run.tail, 12)).length, 0);
    assert.equal((await read(run.tail, 999)).length, 0);
  });

  it('of a run whose process died is let go too', async () => {
    const run = startRun();
    run.add('cut off');
    run.shelf.held = null;
    assert.equal((await read(run.tail, 0)).toString(), 'cut off');
  });

  it('gets a long recording in pieces of bounded size', async () => {
    const run = startRun();
    const long = 'é'.repeat(PIECE_BYTES + 100);
    run.add(long);
    run.end();
    const sizes: number[] = [];
    for await (const piece of run.tail.follow(RUN, 0, NEVER)) sizes.push(piece.length);
    assert.deepEqual(sizes, [PIECE_BYTES, PIECE_BYTES, 200]);
  });

  it('of a recording of exactly one piece is let go', async () => {
    const run = startRun();
    run.add('x'.repeat(PIECE_BYTES));
    run.end();
    assert.equal((await read(run.tail, 0)).length, PIECE_BYTES);
  });

  it('ends when it is told to, while nothing happens', async () => {
    const { tail } = startRun();
    const stop = new AbortController();
    const following = tail.follow(RUN, 0, stop.signal)[Symbol.asyncIterator]().next();
    await sleep(5);
    stop.abort();
    assert.deepEqual(await following, { done: true, value: undefined });
  });

  it('of an unknown run is told so', async () => {
    const { tail } = startRun();
    for (const run of ['20261122T102233Z-ffffff', '../journal']) {
      const next = tail.follow(run, 0, NEVER)[Symbol.asyncIterator]().next();
      const refused = (error: unknown): boolean => error instanceof Problem && error.code === 'not-found';
      await assert.rejects(next, refused);
      await assert.rejects(tail.read(run, 0), refused);
    }
  });
});

describe('one reading of a recording', () => {
  it('tells the bytes, where to go on, and whether there will be more', async () => {
    const run = startRun();
    run.add('one');
    assert.deepEqual(await run.tail.read(RUN, 0), { bytes: Buffer.from('one'), next: 3, ended: false });
    run.end();
    assert.deepEqual(await run.tail.read(RUN, 1), { bytes: Buffer.from('ne'), next: 3, ended: true });
    assert.deepEqual(await run.tail.read(RUN, 3), { bytes: Buffer.alloc(0), next: 3, ended: true });
  });

  it('says that there is more when it could not give all', async () => {
    const run = startRun();
    run.add('x'.repeat(PIECE_BYTES + 1));
    run.end();
    const first = await run.tail.read(RUN, 0);
    assert.deepEqual([first.next, first.ended], [PIECE_BYTES, false]);
    assert.equal((await run.tail.read(RUN, first.next)).ended, true);
  });
});

import { openBook } from '../../src/runs/book.ts';
import { openTail } from '../../src/runs/tail.ts';
import { begin, end, memoryShelf } from '../runs/memory-shelf.ts';
import { writing, type FakeRecording } from './fake-desk.ts';

const RUN = '20261122T102233Z-1a2b3c';

/** A recording that is followed as those of real runs are: who keeps up is given what was just written. */
export function createGrowingRecording(): FakeRecording {
  const shelf = memoryShelf();
  const tail = openTail(shelf, openBook(shelf));
  let bytes = Buffer.alloc(0);
  let followers = 0;

  shelf.write(RUN, begin());
  shelf.held = RUN;
  return {
    bytes: () => bytes,
    ...writing((more) => {
      bytes = Buffer.concat([bytes, more]);
      tail.grew(RUN, shelf.addToRecording(RUN, more));
    }),
    end() {
      shelf.write(RUN, end('done', true));
      shelf.held = null;
      tail.grew(RUN);
    },
    async *follow(_run, ...more) {
      followers++;
      try {
        yield* tail.follow(RUN, ...more);
      } finally {
        followers--;
      }
    },
    read: (_run, offset) => tail.read(RUN, offset),
    followers: () => followers,
  };
}

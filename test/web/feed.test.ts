import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createFeed } from '../../src/web/feed.ts';
import { cut } from './cut.ts';

const bytes = Buffer.from(
  '{"version":2}\n' +
    ['größer\r\n', '\x1b[31mrot', '🦆 fertig']
      .map((text, at) => JSON.stringify([at, 'o', text]) + '\n')
      .join('') +
    '[9,"m","run done: Proven."]\n',
);

describe('a feed', () => {
  it('takes each byte once, whatever overlaps and wherever it is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(400), { maxLength: 10 }), fc.nat(40), (places, overlap) => {
        const texts: string[] = [];
        const feed = createFeed((events) => texts.push(...events.map((event) => event.text)));
        for (const piece of cut(bytes, places)) {
          const from = Math.max(0, feed.offset - overlap);
          assert.ok(feed.offer(from, bytes.subarray(from, feed.offset + piece.length)));
        }
        assert.deepEqual(texts, ['größer\r\n', '\x1b[31mrot', '🦆 fertig', 'run done: Proven.']);
        assert.equal(feed.offset, bytes.length);
        assert.ok(feed.ended);
      }),
    );
  });

  it('refuses a gap and takes nothing of it', () => {
    const feed = createFeed(() => assert.fail('nothing was to be taken'));
    assert.equal(feed.offer(1, bytes.subarray(1)), false);
    assert.equal(feed.offset, 0);
    assert.equal(feed.ended, false);
  });

  it('ends at the run’s last marker and not at a step’s', () => {
    const feed = createFeed(() => undefined);
    feed.offer(0, Buffer.from('[1,"m","s1 done: Write"]\n[2,"o","run done: said a program"]\n'));
    assert.equal(feed.ended, false);
    feed.offer(feed.offset, Buffer.from('[3,"m","run failed: x"]\n'));
    assert.ok(feed.ended);
  });
});

import assert from 'node:assert/strict';
import sinon from 'sinon';
import { follow, type Carrier, type Outcome } from '../../src/web/carrier.ts';
import { createFeed } from '../../src/web/feed.ts';

/** A carrier that brings one byte where the script says `+`, and then ends as it says. */
function scripted(
  words: string,
  ...script: (Outcome | `+${Outcome}`)[]
): Carrier & { readonly calls: () => number } {
  let calls = 0;
  return {
    words,
    calls: () => calls,
    carry(feed, working) {
      const next = script[calls++] ?? 'ended';
      if (next.startsWith('+')) {
        working();
        feed.offer(feed.offset, Buffer.from('x'));
      }
      return Promise.resolve(next.replace('+', '') as Outcome);
    },
  };
}

describe('following a run', () => {
  const pauses: number[] = [];
  const said: string[] = [];
  let elapsed = 0;
  const run = (...carriers: Carrier[]): Promise<'ended' | 'refused'> =>
    follow({
      feed: createFeed(() => undefined),
      carriers,
      say: (words) => void said.push(words),
      sleep: (milliseconds) => Promise.resolve(void pauses.push(milliseconds)),
      now: () => elapsed,
    });

  beforeEach(() => {
    pauses.length = 0;
    said.length = 0;
    elapsed = 0;
  });

  it('takes the next carrier when one does not work', async () => {
    const poll = scripted('poll', '+broken');
    const carriers = [scripted('socket', 'unusable'), scripted('stream', '+unusable'), poll];
    assert.equal(await run(...carriers), 'ended');
    assert.deepEqual(said, ['stream', 'poll']);
    assert.equal(poll.calls(), 2);
  });

  it('stays with a carrier that broke after it had worked, or whose lease ran out', async () => {
    const socket = scripted('socket', '+broken', '+again', 'again', '+ended');
    const stream = scripted('stream');
    await run(socket, stream);
    assert.equal(socket.calls(), 4);
    assert.equal(stream.calls(), 0);
  });

  it('tries the last carrier again with growing pauses, and forgets them when it works', async () => {
    const broken: Outcome[] = Array.from({ length: 7 }, () => 'broken');
    await run(scripted('poll', ...broken, '+broken', 'broken'));
    assert.deepEqual(pauses, [1000, 2000, 4000, 8000, 16000, 30000, 30000, 1000]);
  });

  it('stops when WHM does not let the person in any more', async () => {
    const spare = scripted('spare');
    assert.equal(await run(scripted('socket', '+refused'), spare), 'refused');
    assert.equal(spare.calls(), 0);
  });

  it('tries a better carrier again after a while, and after ever longer', async () => {
    const tries: number[] = [];
    const socket: Carrier = {
      words: 'socket',
      carry() {
        tries.push(elapsed / 1000);
        return Promise.resolve(tries.length < 9 ? 'unusable' : 'ended');
      },
    };
    const stream: Carrier = {
      words: 'stream',
      carry() {
        elapsed += 10_000;
        return Promise.resolve('again');
      },
    };
    assert.equal(await run(socket, stream), 'ended');
    assert.deepEqual(tries, [0, 30, 90, 210, 450, 930, 1530, 2130, 2730]);
  });

  it('comes back from the last carrier to the first', async () => {
    const socket = scripted('socket', 'unusable', '+ended');
    const stream = scripted('stream', 'unusable');
    const poll: Carrier = {
      words: 'poll',
      carry(feed, working, enough) {
        working();
        while (!enough()) elapsed += 1000;
        feed.offer(feed.offset, Buffer.from('x'));
        return Promise.resolve('again');
      },
    };
    assert.equal(await run(socket, stream, poll), 'ended');
    assert.equal(elapsed, 30_000);
    assert.deepEqual(said, ['poll', 'socket']);
  });

  it('names a carrier only once it works', async () => {
    await run(scripted('socket', 'unusable'), scripted('poll', 'ended'));
    sinon.assert.match(said, []);
  });
});

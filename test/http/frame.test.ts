import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough, type Writable } from 'node:stream';
import * as ws from 'ws';
import { frameOf, openFrames } from '../../src/http/frame.ts';

/** What reads frames in ws; its typings leave it out. */
const { Receiver } = ws as unknown as { Receiver: new (options: { isServer: boolean }) => Writable };

describe('a frame of a WebSocket', () => {
  for (const length of [0, 1, 125, 126, 127, 65_535, 65_536, 300_000]) {
    it(`of ${length} bytes is read by ws as one binary message`, async () => {
      const bytes = Buffer.alloc(length, 'abc');
      const receiver = new Receiver({ isServer: false });
      const way = new PassThrough();
      way.pipe(receiver);
      const message = once(receiver, 'message');
      way.end(frameOf(bytes));
      const [read, isBinary] = (await message) as [Buffer, boolean];
      assert.ok(read.equals(bytes));
      assert.equal(isBinary, true);
    });
  }

  it('follows another without a byte between', async () => {
    const receiver = new Receiver({ isServer: false });
    const read: string[] = [];
    receiver.on('message', (message: Buffer) => read.push(message.toString()));
    const way = new PassThrough();
    way.pipe(receiver);
    for (const text of ['one', 'two', 'x'.repeat(70_000), 'four']) way.write(frameOf(Buffer.from(text)));
    way.end();
    await once(receiver, 'finish');
    assert.deepEqual(read, ['one', 'two', 'x'.repeat(70_000), 'four']);
  });

  it('is made once for all who get the same bytes in a row', () => {
    const frames = openFrames();
    const bytes = Buffer.from('for all');
    const first = frames(bytes);
    assert.equal(frames(bytes), first);
    const other = frames(Buffer.from('for all'));
    assert.notEqual(other, first);
    assert.ok(other.equals(first));
  });
});

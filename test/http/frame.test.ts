import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough, type Writable } from 'node:stream';
import fc from 'fast-check';
import * as ws from 'ws';
import { frameOf, openFrames, packedFrameOf } from '../../src/http/frame.ts';

/** What reads frames in ws, and what unpacks them; its typings leave them out. */
interface Unpacking {
  accept(offers: readonly object[]): void;
}
const { Receiver, PerMessageDeflate } = ws as unknown as {
  Receiver: new (options: { isServer: boolean; extensions?: Record<string, Unpacking> }) => Writable;
  PerMessageDeflate: new (options: { isServer: boolean }) => Unpacking;
};

/** As a browser reads them that has agreed to packed ones, each by itself. */
function unpackingReceiver(): Writable {
  const unpacking = new PerMessageDeflate({ isServer: false });
  unpacking.accept([{ server_no_context_takeover: [true] }]);
  return new Receiver({ isServer: false, extensions: { 'permessage-deflate': unpacking } });
}

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

  it('is read whole when it is packed, whatever is in it and whatever came before', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 70_000 }), { maxLength: 5 }), async (messages) => {
        const receiver = unpackingReceiver();
        const read: Buffer[] = [];
        receiver.on('message', (message: Buffer) => read.push(message));
        const way = new PassThrough();
        way.pipe(receiver);
        for (const bytes of messages) {
          way.write(packedFrameOf(bytes));
          way.write(frameOf(bytes));
        }
        way.end();
        await once(receiver, 'finish');
        const wanted = messages.flatMap((bytes) => [bytes, bytes]);
        assert.equal(read.length, wanted.length);
        for (const [at, bytes] of wanted.entries()) assert.ok(read[at]?.equals(bytes));
      }),
      { numRuns: 50 },
    );
  });

  it('is made once for all who get the same bytes in a row, packed or not', () => {
    const frames = openFrames();
    const bytes = Buffer.alloc(100_000, 'for all ');
    const [plain, packed] = [frames(bytes, false), frames(bytes, true)];
    assert.equal(frames(bytes, false), plain);
    assert.equal(frames(bytes, true), packed);
    assert.ok(packed.length < plain.length);
    const other = frames(Buffer.from(bytes), false);
    assert.notEqual(other, plain);
    assert.ok(other.equals(plain));
  });

  it('is not packed where that would spare little', () => {
    const bytes = Buffer.from('a line\r\n');
    assert.ok(openFrames()(bytes, true).equals(frameOf(bytes)));
  });
});

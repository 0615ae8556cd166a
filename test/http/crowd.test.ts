import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { ClientOptions, WebSocket } from 'ws';
import { ending, openLivePort, ORIGIN, type LivePort } from './live-port.ts';

/** What came to a follower, and in how many bytes on its way. */
interface Followed {
  readonly bytes: Buffer;
  readonly carried: number;
}

const WHOLE = 1_000_000;
/** As a list of rules is: it packs to a fraction. */
const OUTPUT = Array.from({ length: 20_000 }, (_, at) => `rule ${at} accept tcp dport ${at % 977}\r\n`).join(
  '',
);

describe('many followers at the same time', () => {
  let door: LivePort;

  beforeEach(async () => (door = await openLivePort()));
  afterEach(() => door.live.close());

  /** Opens a socket for each, then lets all of them follow the same output to its end. */
  async function follow(offers: readonly ClientOptions[]): Promise<Followed[]> {
    const sockets: WebSocket[] = [];
    for (const options of offers) {
      await door.ticket();
      const socket = door.connect(ORIGIN, options);
      await once(socket, 'open');
      sockets.push(socket);
    }
    const followed = sockets.map(async (socket) => {
      const way = (socket as unknown as { readonly _socket: Socket })._socket;
      const { code, bytes } = await ending(socket);
      assert.equal(code, 1000);
      return { bytes, carried: way.bytesRead };
    });
    for (const socket of sockets)
      socket.send(JSON.stringify({ attach: 'r-1', ticket: await door.ticket(), offset: 0 }));
    door.recording.output(OUTPUT);
    door.recording.end();
    return Promise.all(followed);
  }

  it('all get the same recording, packed on its way', async () => {
    const followed = await follow(Array.from({ length: 6 }, () => ({})));
    for (const { bytes, carried } of followed) {
      assert.ok(bytes.equals(door.recording.bytes()));
      assert.ok(bytes.length > OUTPUT.length);
      assert.ok(carried < bytes.length / 3, `${carried} bytes for ${bytes.length}`);
    }
  });

  it('may be ones that cannot unpack, who get it as it is', async () => {
    const followed = await follow(
      Array.from({ length: 6 }, (_, at) => ({ perMessageDeflate: at % 2 === 0 })),
    );
    for (const [at, { bytes, carried }] of followed.entries()) {
      assert.ok(bytes.equals(door.recording.bytes()));
      assert.equal(carried < bytes.length, at % 2 === 0);
    }
  });

  it('are few where everything goes as it is', async () => {
    const followed = await follow(Array.from({ length: 4 }, () => ({})));
    for (const { bytes, carried } of followed) {
      assert.ok(bytes.equals(door.recording.bytes()));
      assert.ok(carried >= bytes.length);
    }
  });

  it('are refused a window that is smaller than what is packed', async () => {
    await door.ticket();
    const socket = door.connect(ORIGIN, { perMessageDeflate: { serverMaxWindowBits: 9 } });
    assert.equal((await ending(socket)).code, 400);
  });

  it('cannot make a small packed message a large one', async () => {
    await door.ticket();
    const socket = door.connect(ORIGIN, { perMessageDeflate: { threshold: 0 } });
    const end = ending(socket);
    await once(socket, 'open');
    socket.send('x'.repeat(WHOLE));
    assert.equal((await end).code, 1009);
  });
});

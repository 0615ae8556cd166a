import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientOptions } from 'ws';
import { createGrowingRecording } from './growing.ts';
import { ending, openLivePort, ORIGIN, type LivePort } from './live-port.ts';

/** What came to a follower, and in how many bytes on its way. */
interface Followed {
  readonly code: number;
  readonly bytes: Buffer;
  readonly carried: number;
}

const WHOLE = 1_000_000;
/** So many get everything as it is. */
const FEW = 4;
const CHROMIUM =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';
const SAFARI =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Safari/605.1.15';
const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/119.0 Mobile/15E148 Safari/604.1';
/** As a list of rules is: it packs to a fraction. */
const OUTPUT = Array.from({ length: 1000 }, (_, at) => `rule ${at} accept tcp dport ${at % 977}\r\n`).join(
  '',
);
const TIMES = 20;

describe('many followers at the same time', () => {
  let door: LivePort;

  beforeEach(async () => (door = await openLivePort(undefined, createGrowingRecording())));
  afterEach(() => door.live.close());

  /** Lets each follow the same output to its end. */
  async function follow(offers: readonly ClientOptions[]): Promise<Followed[]> {
    const followed: Promise<Followed>[] = [];
    for (const options of offers) {
      await door.ticket();
      const socket = door.connect(ORIGIN, options);
      await once(socket, 'open');
      const way = (socket as unknown as { readonly _socket: Socket })._socket;
      const end = ending(socket);
      followed.push(end.then(({ code, bytes }) => ({ code, bytes, carried: way.bytesRead })));
      socket.send(JSON.stringify({ attach: 'r-1', ticket: await door.ticket(), offset: 0 }));
    }
    while (door.recording.followers() < offers.length) await sleep(5);
    for (let time = 0; time < TIMES; time++) {
      // Meanwhile all keep up.
      await sleep(20);
      door.recording.output(OUTPUT);
    }
    door.recording.end();
    const all = await Promise.all(followed);
    for (const { code, bytes } of all) {
      assert.equal(code, 1000);
      assert.ok(bytes.equals(door.recording.bytes()));
      assert.ok(bytes.length > TIMES * OUTPUT.length);
    }
    return all;
  }

  const isPacked = ({ bytes, carried }: Followed): boolean => carried < bytes.length / 3;

  it('all get the same recording, packed on its way', async () => {
    const followed = await follow(Array.from({ length: FEW + 1 }, () => ({})));
    assert.ok(followed.every(isPacked));
  });

  it('may be ones that cannot unpack, who get it as it is', async () => {
    const followed = await follow(
      Array.from({ length: FEW + 4 }, (_, at) => ({ perMessageDeflate: at % 2 === 0 })),
    );
    for (const [at, each] of followed.entries()) {
      assert.equal(isPacked(each), at % 2 === 0);
      assert.equal(each.carried < each.bytes.length, at % 2 === 0);
    }
  });

  it('each get what they read for themselves as it is', async () => {
    for (let time = 0; time < TIMES; time++) door.recording.output(OUTPUT);
    const before = door.recording.bytes().length;
    const followed = await follow(Array.from({ length: FEW + 1 }, () => ({})));
    for (const { bytes, carried } of followed) {
      assert.ok(carried >= before, `${carried} bytes for ${before}`);
      assert.ok(carried < bytes.length);
    }
  });

  it('are few where everything goes as it is', async () => {
    const followed = await follow(Array.from({ length: FEW }, () => ({})));
    for (const { bytes, carried } of followed) assert.ok(carried >= bytes.length);
  });

  for (const [what, options, packs] of [
    ['a browser', {}, true],
    ['Chromium', { headers: { 'user-agent': CHROMIUM } }, true],
    ['Safari, versions of which lose bytes', { headers: { 'user-agent': SAFARI } }, false],
    ['a browser of an iPhone', { headers: { 'user-agent': IPHONE } }, false],
    [
      'one with a window smaller than what is packed',
      { perMessageDeflate: { serverMaxWindowBits: 9 } },
      false,
    ],
  ] as const) {
    it(`are ${packs ? '' : 'not '}sent packed messages by what is agreed with ${what}`, async () => {
      await door.ticket();
      const headers = { origin: ORIGIN, ...('headers' in options ? options.headers : {}) };
      const socket = door.connect(undefined, { ...options, headers });
      await once(socket, 'open');
      assert.equal(socket.extensions !== '', packs);
      const end = ending(socket);
      socket.close();
      await end;
    });
  }

  it('cannot make a small packed message a large one', async () => {
    await door.ticket();
    const socket = door.connect(ORIGIN, { perMessageDeflate: { threshold: 0 } });
    const end = ending(socket);
    await once(socket, 'open');
    assert.notEqual(socket.extensions, '');
    socket.send('x'.repeat(WHOLE));
    assert.equal((await end).code, 1009);
  });
});

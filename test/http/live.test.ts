import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import sinon from 'sinon';
import { WebSocket } from 'ws';
import { createLive, type Live } from '../../src/http/live.ts';
import { createTickets, type Tickets } from '../../src/http/tickets.ts';
import { freePort, makeCertificate } from './certificate.ts';
import { createFakeDesk, createFakeRecording, type FakeRecording } from './fake-desk.ts';
import { openHouse, ROOT_LOGIN } from './house.ts';

const ORIGIN = 'https://server.example:2087';
const BINDING = { user: 'root', session: '/cpsess1', run: 'r-1', origin: ORIGIN };

/** How a socket ended: the HTTP status of a refused upgrade, or the close code; and what it brought. */
interface Ending {
  readonly code: number;
  readonly bytes: Buffer;
}

describe('the live port', () => {
  const pem = makeCertificate();
  let port: number;
  let tickets: Tickets;
  let recording: FakeRecording;
  let live: Live;

  beforeEach(async () => {
    port = await freePort();
    tickets = createTickets(() => Date.now(), randomBytes);
    recording = createFakeRecording();
    const desk = createFakeDesk(recording);
    live = createLive({ desk, tickets, port, certificate: () => Promise.resolve(pem) });
  });
  afterEach(() => live.close());

  async function ticket(): Promise<string> {
    const minted = tickets.mint(BINDING);
    await live.open();
    return minted.ticket;
  }

  function connect(origin?: string | string[]): WebSocket {
    const headers = origin === undefined ? {} : { origin: origin as string };
    return new WebSocket(`wss://127.0.0.1:${port}/`, { rejectUnauthorized: false, headers });
  }

  function ending(socket: WebSocket): Promise<Ending> {
    const chunks: Buffer[] = [];
    return new Promise((resolve, reject) => {
      socket.on('message', (message: Buffer, isBinary) => {
        assert.ok(isBinary);
        chunks.push(message);
      });
      socket.on('unexpected-response', (_request, response) => {
        resolve({ code: response.statusCode ?? 0, bytes: Buffer.alloc(0) });
      });
      socket.on('close', (code) => resolve({ code, bytes: Buffer.concat(chunks) }));
      socket.on('error', reject);
    });
  }

  async function attach(message: unknown): Promise<Ending> {
    const socket = connect(ORIGIN);
    const end = ending(socket);
    await once(socket, 'open');
    socket.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message));
    return end;
  }

  it('brings the whole recording in binary frames and closes with 1000 at the end', async () => {
    recording.output('before\r\n');
    const end = attach({ attach: 'r-1', ticket: await ticket(), offset: 0 });
    await sleep(50);
    recording.output('während\r\n');
    recording.mark('run done: All is well.');
    recording.end();
    const { code, bytes } = await end;
    assert.equal(code, 1000);
    assert.ok(bytes.equals(recording.bytes()));
  });

  it('begins at the offset that is asked for', async () => {
    recording.output('some output');
    recording.end();
    const { bytes } = await attach({ attach: 'r-1', ticket: await ticket(), offset: 11 });
    assert.ok(bytes.equals(recording.bytes().subarray(11)));
  });

  it('lets in only the page’s own origin', async () => {
    recording.end();
    await ticket();
    const others = [
      undefined,
      'https://other.example:2087',
      'https://server.example:2083',
      'https://server.example',
      'http://server.example:2087',
      'https://[2001:db8::10]:2087',
      'https://SERVER.example:2087',
      'https://server.example.:2087',
      'https://server.example:2087/',
      'null',
      'nonsense',
      [ORIGIN, 'https://other.example'],
    ];
    for (const origin of others) {
      const { code } = await ending(connect(origin));
      assert.equal(code, 403, String(origin));
    }
    assert.equal((await attach({ attach: 'r-1', ticket: await ticket(), offset: 0 })).code, 1000);
  });

  it('lets exactly one of two sockets in that race on one ticket', async () => {
    recording.end();
    const one = { attach: 'r-1', ticket: await ticket(), offset: 0 };
    const spare = await ticket();
    const endings = await Promise.all([attach(one), attach(one)]);
    assert.deepEqual(endings.map(({ code }) => code).sort(), [1000, 1008]);
    assert.equal((await attach({ ...one, ticket: spare })).code, 1000);
  });

  it('refuses a ticket that is used, unknown or for another run', async () => {
    recording.end();
    const good = { attach: 'r-1', ticket: await ticket(), offset: 0 };
    await ticket();
    assert.equal((await attach(good)).code, 1000);
    assert.equal((await attach(good)).code, 1008);
    assert.equal((await attach({ ...good, ticket: 'x'.repeat(43) })).code, 1008);
    assert.equal((await attach({ ...good, attach: 'r-2', ticket: await ticket() })).code, 1008);
  });

  it('closes with the right code on whatever else comes first, and other viewers are undisturbed', async () => {
    const viewer = attach({ attach: 'r-1', ticket: await ticket(), offset: 0 });
    const good = { attach: 'r-1', ticket: await ticket(), offset: 0 };
    const wrong: [unknown, number][] = [
      [{ ...good, attach: undefined }, 1008],
      [{ ...good, more: 1 }, 1008],
      [{ ...good, offset: '0' }, 1008],
      [{ ...good, offset: -1 }, 1008],
      [{ ...good, offset: 0.5 }, 1008],
      [{ ...good, attach: '../r-1' }, 1008],
      [`{"__proto__":{"a":1},${JSON.stringify(good).slice(1)}`, 1008],
      [[good], 1008],
      ['null', 1008],
      ['hello', 1008],
      [Buffer.from(JSON.stringify(good)), 1008],
      ['x'.repeat(65_537), 1009],
    ];
    for (const [message, code] of wrong) {
      assert.equal((await attach(message)).code, code, JSON.stringify(message).slice(0, 60));
    }
    recording.mark('run done: All is well.');
    recording.end();
    const { code, bytes } = await viewer;
    assert.equal(code, 1000);
    assert.ok(bytes.equals(recording.bytes()));
  });

  it('closes on broken text and on a message in very many pieces', async () => {
    await ticket();
    const raw = connect(ORIGIN);
    const rawEnd = ending(raw);
    await once(raw, 'open');
    raw.send(Buffer.from([0xff, 0xfe]), { binary: false });
    assert.equal((await rawEnd).code, 1007);
    const pieces = connect(ORIGIN);
    const piecesEnd = ending(pieces);
    await once(pieces, 'open');
    for (let i = 0; i < 10_000; i++) pieces.send('x', { fin: false });
    assert.equal((await piecesEnd).code, 1008);
  });

  it('closes a socket that says nothing for two seconds', async () => {
    await ticket();
    const began = performance.now();
    const { code } = await ending(connect(ORIGIN));
    assert.equal(code, 1008);
    assert.ok(performance.now() - began > 1900);
  });

  it('closes a socket that says a second thing', async () => {
    const first = { attach: 'r-1', ticket: await ticket(), offset: 0 };
    const socket = connect(ORIGIN);
    const end = ending(socket);
    await once(socket, 'open');
    socket.send(JSON.stringify(first));
    await once(socket, 'message');
    socket.send('{}');
    assert.equal((await end).code, 1008);
  });

  it('lets go of the recording when a viewer leaves, and the run goes on', async () => {
    const message = { attach: 'r-1', ticket: await ticket(), offset: 0 };
    const viewer = connect(ORIGIN);
    await once(viewer, 'open');
    viewer.send(JSON.stringify(message));
    await once(viewer, 'message');
    assert.equal(recording.followers(), 1);
    viewer.terminate();
    while (recording.followers() > 0) await sleep(5);
    assert.equal(live.followers(), 0);
    recording.output('more');
    recording.end();
    const { bytes } = await attach({ attach: 'r-1', ticket: await ticket(), offset: 0 });
    assert.ok(bytes.equals(recording.bytes()));
  });

  it('keeps little in memory for a viewer that never reads, and others get everything', async () => {
    const lazy = connect(ORIGIN);
    const first = { attach: 'r-1', ticket: await ticket(), offset: 0 };
    await once(lazy, 'open');
    lazy.send(JSON.stringify(first));
    lazy.pause();
    await sleep(20);
    recording.append(Buffer.alloc(48 * 1024 * 1024, 'x'));
    recording.end();
    const before = process.memoryUsage().rss;
    const { bytes } = await attach({ attach: 'r-1', ticket: await ticket(), offset: 47 * 1024 * 1024 });
    assert.equal(bytes.length, recording.bytes().length - 47 * 1024 * 1024);
    await sleep(200);
    assert.ok(process.memoryUsage().rss - before < 16 * 1024 * 1024);
    assert.equal(live.followers(), 1);
    lazy.resume();
    assert.equal((await ending(lazy)).code, 1000);
  });

  it('listens only from the first ticket until nobody needs it', async () => {
    const clock = sinon.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] });
    try {
      await assert.rejects(once(connect(ORIGIN), 'open'), { code: 'ECONNREFUSED' });
      tickets.mint(BINDING);
      await live.open();
      clock.tick(20_000);
      assert.equal((await attach('hello')).code, 1008);
      while (live.followers() > 0) await sleep(5);
      clock.tick(30_000);
      await sleep(20);
      await assert.rejects(once(connect(ORIGIN), 'open'), { code: 'ECONNREFUSED' });
      tickets.mint(BINDING);
      await live.open();
      assert.equal((await attach('hello')).code, 1008);
    } finally {
      clock.restore();
    }
  });

  it('terminates a socket that answers no ping', async () => {
    const clock = sinon.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      const message = { attach: 'r-1', ticket: await ticket(), offset: 0 };
      const deaf = new WebSocket(`wss://127.0.0.1:${port}/`, {
        rejectUnauthorized: false,
        headers: { origin: ORIGIN },
        autoPong: false,
      });
      const end = ending(deaf);
      await once(deaf, 'open');
      deaf.send(JSON.stringify(message));
      await once(deaf, 'message');
      clock.tick(20_000);
      await once(deaf, 'ping');
      assert.equal(live.followers(), 1);
      clock.tick(20_000);
      assert.equal((await end).code, 1006);
    } finally {
      clock.restore();
    }
  });

  it('says that it cannot be had when the certificate or the port cannot', async () => {
    const desk = createFakeDesk();
    for (const certificate of [
      () => Promise.reject(new Error('ENOENT')),
      () => Promise.resolve('not a certificate'),
    ]) {
      const none = createLive({ desk, tickets, port: await freePort(), certificate });
      await assert.rejects(none.open(), { code: 'unsupported' });
    }
    await ticket();
    const second = createLive({ desk, tickets, port, certificate: () => Promise.resolve(pem) });
    await assert.rejects(second.open(), { code: 'unsupported' });
  });

  it('is opened by the page’s ticket, which appears in no address', async () => {
    const desk = createFakeDesk(recording);
    const house = await openHouse(desk, { live, tickets, now: Date.now });
    const { status, text, headers } = await house.post('/runs/r-20261122-1/ticket', { csrf: house.csrf() });
    const minted = JSON.parse(text) as { ticket: string; port: number; expires: number };
    assert.equal(status, 200);
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(minted.port, port);
    assert.ok(minted.expires > Date.now() && minted.expires <= Date.now() + 30_000);
    recording.end();
    assert.equal((await attach({ attach: 'r-20261122-1', ticket: minted.ticket, offset: 0 })).code, 1000);
    assert.equal((await house.post('/runs/none/ticket', { csrf: house.csrf() })).status, 404);
    const nameless = { ...ROOT_LOGIN, 'x-whm-host': '' };
    assert.equal(
      (await house.post('/runs/r-20261122-1/ticket', { csrf: house.csrf() }, nameless)).status,
      400,
    );
    await house.close();
  });
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import sinon from 'sinon';
import { WebSocket } from 'ws';
import { CLOSE } from '../../src/core/close.ts';
import { LEASE } from '../../src/http/leases.ts';
import { BINDING, ending, openLivePort, ORIGIN, type LivePort } from './live-port.ts';

describe('a follower', () => {
  let door: LivePort;

  beforeEach(async () => (door = await openLivePort()));
  afterEach(() => door.live.close());

  it('brings the whole recording in binary frames and closes with 1000 at the end', async () => {
    door.recording.output('before\r\n');
    const end = door.attach({ attach: 'r-1', ticket: await door.ticket(), offset: 0 });
    await sleep(50);
    door.recording.output('während\r\n');
    door.recording.mark('run done: All is well.');
    door.recording.end();
    const { code, bytes } = await end;
    assert.equal(code, 1000);
    assert.ok(bytes.equals(door.recording.bytes()));
  });

  it('begins at the offset that is asked for', async () => {
    door.recording.output('some output');
    door.recording.end();
    const { bytes } = await door.attach({ attach: 'r-1', ticket: await door.ticket(), offset: 11 });
    assert.ok(bytes.equals(door.recording.bytes().subarray(11)));
  });

  it('lets exactly one of two sockets in that race on one ticket, a hundred times', async () => {
    door.recording.output('for one only');
    door.recording.end();
    for (let round = 0; round < 100; round++) {
      const first = JSON.stringify({ attach: 'r-1', ticket: await door.ticket(), offset: 0 });
      // A second ticket, so that a socket that loses is not refused for want of any.
      await door.ticket();
      const sockets = [door.connect(ORIGIN), door.connect(ORIGIN)];
      const ends = Promise.all(sockets.map(ending));
      await Promise.all(sockets.map((socket) => once(socket, 'open')));
      for (const socket of round % 2 === 0 ? sockets : sockets.toReversed()) socket.send(first);
      const [loser, winner] = (await ends).sort((a, b) => b.code - a.code);
      assert.deepEqual([winner?.code, loser?.code], [CLOSE.end, CLOSE.policy], `round ${round}`);
      assert.ok(winner?.bytes.equals(door.recording.bytes()));
      assert.equal(loser?.bytes.length, 0);
    }
  });

  it('refuses a ticket that is used, unknown or for another run', async () => {
    door.recording.end();
    const good = { attach: 'r-1', ticket: await door.ticket(), offset: 0 };
    await door.ticket();
    assert.equal((await door.attach(good)).code, 1000);
    assert.equal((await door.attach(good)).code, 1008);
    assert.equal((await door.attach({ ...good, ticket: 'x'.repeat(43) })).code, 1008);
    assert.equal((await door.attach({ ...good, attach: 'r-2', ticket: await door.ticket() })).code, 1008);
  });

  it('closes with the right code on whatever else comes first, and other viewers are undisturbed', async () => {
    const viewer = door.attach({ attach: 'r-1', ticket: await door.ticket(), offset: 0 });
    const good = { attach: 'r-1', ticket: await door.ticket(), offset: 0 };
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
      ['x'.repeat(4097), 1009],
    ];
    for (const [message, code] of wrong) {
      assert.equal((await door.attach(message)).code, code, JSON.stringify(message).slice(0, 60));
    }
    door.recording.mark('run done: All is well.');
    door.recording.end();
    const { code, bytes } = await viewer;
    assert.equal(code, 1000);
    assert.ok(bytes.equals(door.recording.bytes()));
  });

  it('closes on broken text and on a message in very many pieces', async () => {
    await door.ticket();
    const raw = door.connect(ORIGIN);
    const rawEnd = ending(raw);
    await once(raw, 'open');
    raw.send(Buffer.from([0xff, 0xfe]), { binary: false });
    assert.equal((await rawEnd).code, 1007);
    const pieces = door.connect(ORIGIN);
    const piecesEnd = ending(pieces);
    await once(pieces, 'open');
    for (let i = 0; i < 10_000; i++) pieces.send('x', { fin: false });
    assert.equal((await piecesEnd).code, 1008);
  });

  it('closes a socket that says nothing for two seconds', async () => {
    await door.ticket();
    const began = performance.now();
    const { code } = await ending(door.connect(ORIGIN));
    assert.equal(code, 1008);
    assert.ok(performance.now() - began > 1900);
  });

  it('closes a socket that says a second thing', async () => {
    const first = { attach: 'r-1', ticket: await door.ticket(), offset: 0 };
    const socket = door.connect(ORIGIN);
    const end = ending(socket);
    await once(socket, 'open');
    socket.send(JSON.stringify(first));
    await once(socket, 'message');
    socket.send('{}');
    assert.equal((await end).code, 1008);
  });

  it('lets go of the recording when a viewer leaves, and the run goes on', async () => {
    const message = { attach: 'r-1', ticket: await door.ticket(), offset: 0 };
    const viewer = door.connect(ORIGIN);
    await once(viewer, 'open');
    viewer.send(JSON.stringify(message));
    await once(viewer, 'message');
    assert.equal(door.recording.followers(), 1);
    viewer.terminate();
    while (door.recording.followers() > 0) await sleep(5);
    assert.equal(door.live.followers(), 0);
    door.recording.output('more');
    door.recording.end();
    const { bytes } = await door.attach({ attach: 'r-1', ticket: await door.ticket(), offset: 0 });
    assert.ok(bytes.equals(door.recording.bytes()));
  });

  it('keeps little in memory for a viewer that never reads, and others get everything', async () => {
    const lazy = door.connect(ORIGIN);
    const first = { attach: 'r-1', ticket: await door.ticket(), offset: 0 };
    await once(lazy, 'open');
    lazy.send(JSON.stringify(first));
    lazy.pause();
    await sleep(20);
    door.recording.append(Buffer.alloc(48 * 1024 * 1024, 'x'));
    door.recording.end();
    const before = process.memoryUsage().rss;
    const { bytes } = await door.attach({
      attach: 'r-1',
      ticket: await door.ticket(),
      offset: 47 * 1024 * 1024,
    });
    assert.equal(bytes.length, door.recording.bytes().length - 47 * 1024 * 1024);
    await sleep(200);
    assert.ok(process.memoryUsage().rss - before < 16 * 1024 * 1024);
    assert.equal(door.live.followers(), 1);
    lazy.resume();
    assert.equal((await ending(lazy)).code, 1000);
  });

  it('terminates a socket that answers no ping', async () => {
    const clock = sinon.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      const message = { attach: 'r-1', ticket: await door.ticket(), offset: 0 };
      const deaf = door.connect(ORIGIN, { autoPong: false });
      const end = ending(deaf);
      await once(deaf, 'open');
      deaf.send(JSON.stringify(message));
      await once(deaf, 'message');
      clock.tick(20_000);
      await once(deaf, 'ping');
      assert.equal(door.live.followers(), 1);
      clock.tick(20_000);
      assert.equal((await end).code, 1006);
    } finally {
      clock.restore();
    }
  });

  it('stays for as long as its lease is renewed, and is put out when it is not', async () => {
    const clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const message = { attach: 'r-1', ticket: await door.ticket(), offset: 0 };
      const socket = door.connect(ORIGIN);
      const end = ending(socket);
      await once(socket, 'open');
      socket.send(JSON.stringify(message));
      await once(socket, 'message');
      for (let minute = 0; minute < 5; minute++) {
        clock.tick(LEASE - 1000);
        assert.equal(door.live.renew(BINDING), 1);
      }
      for (const other of [{ user: 'rita' }, { session: '/cpsess2' }, { run: 'r-2' }]) {
        assert.equal(door.live.renew({ ...BINDING, ...other }), 0);
      }
      clock.tick(LEASE - 1);
      assert.equal(socket.readyState, WebSocket.OPEN);
      clock.tick(1);
      assert.equal(door.live.renew(BINDING), 0);
      door.recording.output('too late');
      const { code, bytes } = await end;
      assert.equal(code, CLOSE.leaseOver);
      assert.ok(!bytes.includes('too late'));
      assert.equal(door.recording.followers(), 0);
    } finally {
      clock.restore();
    }
  });

  it('is told when the daemon ends', async () => {
    const end = door.attach({ attach: 'r-1', ticket: await door.ticket(), offset: 0 });
    while (door.recording.followers() === 0) await sleep(5);
    await door.live.close();
    assert.equal((await end).code, CLOSE.leaving);
    assert.equal(door.recording.followers(), 0);
  });
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as dial } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import sinon from 'sinon';
import { createLive } from '../../src/http/live.ts';
import { freePort, makeCertificate } from './certificate.ts';
import { createFakeDesk } from './fake-desk.ts';
import { openHouse, ROOT_LOGIN } from './house.ts';
import { BINDING, ending, openLivePort, ORIGIN, type LivePort } from './live-port.ts';

describe('the live port', () => {
  let door: LivePort;

  beforeEach(async () => (door = await openLivePort()));
  afterEach(() => door.live.close());

  it('lets in only the page’s own origin', async () => {
    door.recording.end();
    await door.ticket();
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
      const { code } = await ending(door.connect(origin));
      assert.equal(code, 403, String(origin));
    }
    assert.equal((await door.attach({ attach: 'r-1', ticket: await door.ticket(), offset: 0 })).code, 1000);
  });

  it('listens only from the first ticket until nobody needs it', async () => {
    const clock = sinon.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] });
    try {
      await assert.rejects(once(door.connect(ORIGIN), 'open'), { code: 'ECONNREFUSED' });
      door.tickets.mint(BINDING);
      await door.live.open();
      clock.tick(20_000);
      assert.equal((await door.attach('hello')).code, 1008);
      while (door.live.followers() > 0) await sleep(5);
      clock.tick(30_000);
      await sleep(20);
      await assert.rejects(once(door.connect(ORIGIN), 'open'), { code: 'ECONNREFUSED' });
      door.tickets.mint(BINDING);
      await door.live.open();
      assert.equal((await door.attach('hello')).code, 1008);
    } finally {
      clock.restore();
    }
  });

  it('lets nobody keep a connection who is refused, or who says nothing when it is closed', async () => {
    await door.ticket();
    const reach = async (said: string): Promise<TLSSocket> => {
      // Its own end stays open whatever the server does.
      const raw = dial({ host: '127.0.0.1', port: door.port, allowHalfOpen: true });
      const socket = connect({ socket: raw, rejectUnauthorized: false });
      socket.on('error', () => undefined);
      await once(socket, 'secureConnect');
      socket.write(said);
      return socket;
    };
    const silent = await reach('');
    const upgrade = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
    const refused = await reach(upgrade);
    const [answer] = (await once(refused, 'data')) as [Buffer];
    assert.match(answer.toString(), /^HTTP\/1\.1 403 /);
    const late = sleep(4000, 'too late', { ref: false });
    assert.notEqual(await Promise.race([door.live.close(), late]), 'too late');
    for (const socket of [silent, refused]) socket.destroy();
  });

  it('shows the certificate that is there when a ticket is made, and keeps who is attached', async () => {
    const shown = async (): Promise<string> => {
      const socket = connect({ host: '127.0.0.1', port: door.port, rejectUnauthorized: false });
      await once(socket, 'secureConnect');
      const { fingerprint256 } = socket.getPeerCertificate();
      socket.destroy();
      return fingerprint256;
    };
    const viewer = door.attach({ attach: 'r-1', ticket: await door.ticket(), offset: 0 });
    while (door.recording.followers() === 0) await sleep(5);
    const first = await shown();
    await door.ticket();
    assert.equal(await shown(), first);

    door.pem = makeCertificate('renewed.example');
    await door.ticket();
    const second = await shown();
    assert.notEqual(second, first);

    door.pem = door.pem.slice(0, 400);
    await assert.rejects(door.ticket(), { code: 'unsupported' });
    assert.equal(await shown(), second);

    door.pem = makeCertificate();
    await door.ticket();
    assert.notEqual(await shown(), second);
    door.recording.end();
    assert.equal((await viewer).code, 1000);
  });

  it('says that it cannot be had when the certificate or the port cannot', async () => {
    const desk = createFakeDesk();
    for (const certificate of [
      () => Promise.reject(new Error('ENOENT')),
      () => Promise.resolve('not a certificate'),
    ]) {
      const none = createLive({
        desk,
        tickets: door.tickets,
        port: await freePort(),
        certificate,
        audit: door.audit,
      });
      await assert.rejects(none.open(), { code: 'unsupported' });
    }
    await door.ticket();
    const second = createLive({
      desk,
      tickets: door.tickets,
      port: door.port,
      audit: door.audit,
      certificate: () => Promise.resolve(door.pem),
    });
    await assert.rejects(second.open(), { code: 'unsupported' });
  });

  it('is opened by the page’s ticket, which appears in no address', async () => {
    const desk = createFakeDesk(door.recording);
    const { live, tickets, port } = door;
    const house = await openHouse(desk, { live, tickets, now: Date.now });
    const { status, text, headers } = await house.post('/runs/r-20261122-1/ticket', { csrf: house.csrf() });
    const minted = JSON.parse(text) as { ticket: string; port: number; expires: number };
    assert.equal(status, 200);
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(minted.port, port);
    assert.ok(minted.expires > Date.now() && minted.expires <= Date.now() + 30_000);
    door.recording.end();
    assert.equal(
      (await door.attach({ attach: 'r-20261122-1', ticket: minted.ticket, offset: 0 })).code,
      1000,
    );
    assert.equal((await house.post('/runs/none/ticket', { csrf: house.csrf() })).status, 404);
    const nameless = { ...ROOT_LOGIN, 'x-whm-host': '' };
    assert.equal(
      (await house.post('/runs/r-20261122-1/ticket', { csrf: house.csrf() }, nameless)).status,
      400,
    );
    await house.close();
  });
});

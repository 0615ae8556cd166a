import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { BINDING, ending, openLivePort, ORIGIN, type LivePort } from './live-port.ts';

/** Makes the tickets of a row and says what its first message is; a list is sent as parts of one. */
type Message = (door: LivePort) => Promise<unknown>;
type Row = readonly [what: string, code: number, first: Message];

const own: Message = async (door) => ({ attach: 'r-1', ticket: await door.ticket(), offset: 0 });
const changed =
  (change: Readonly<Record<string, unknown>>): Message =>
  async (door) => ({ ...((await own(door)) as object), ...change });
const said =
  (message: unknown): Message =>
  async (door) => {
    await door.ticket();
    return message;
  };
const bound =
  (change: Partial<typeof BINDING>): Message =>
  async (door) => {
    await door.ticket();
    return { attach: 'r-1', ticket: door.tickets.mint({ ...BINDING, ...change }).ticket, offset: 0 };
  };
const late = (ms: number): Message => {
  return async (door) => {
    const message = await own(door);
    clock += ms;
    // The page's address is still expected, as another ticket waits.
    await door.ticket();
    return message;
  };
};
const used: Message = async (door) => {
  const message = await own(door);
  await door.ticket();
  assert.equal((await door.attach(message)).code, 1000);
  return message;
};

let clock = 0;

/** The first message of a socket that the page's own origin opens, and how that socket is closed. */
const MESSAGES: readonly Row[] = [
  ['a right one', 1000, own],
  ['one from the middle', 1000, changed({ offset: 10 })],
  ['one from behind the end', 1000, changed({ offset: 1e9 })],
  ['a ticket of 29 seconds', 1000, late(29_999)],
  ['a ticket of 30 seconds', 1008, late(30_000)],
  ['a used ticket', 1008, used],
  ['a ticket that nobody made', 1008, changed({ ticket: 'A'.repeat(43) })],
  ['a ticket of another run', 1008, bound({ run: 'r-2' })],
  ['a ticket of another origin', 1008, bound({ origin: 'https://other.example:2087' })],
  ['a ticket and another run', 1008, changed({ attach: 'r-2' })],
  ['a ticket cut short', 1008, changed({ ticket: 'A'.repeat(42) })],
  ['a ticket that is a list', 1008, changed({ ticket: ['A'.repeat(43)] })],
  ['no ticket', 1008, said({ attach: 'r-1', offset: 0 })],
  ['no run', 1008, changed({ attach: undefined })],
  ['a way up for a run', 1008, changed({ attach: '../../etc' })],
  ['a run’s name that is too long', 1008, changed({ attach: 'r'.repeat(65) })],
  ['no offset', 1008, changed({ offset: undefined })],
  ['an offset below zero', 1008, changed({ offset: -1 })],
  ['half an offset', 1008, changed({ offset: 0.5 })],
  ['an offset in words', 1008, changed({ offset: '0' })],
  ['an offset that is too large to count', 1008, changed({ offset: 2 ** 60 })],
  ['a field too many', 1008, changed({ admin: true })],
  ['no JSON', 1008, said('hello')],
  ['nothing', 1008, said('')],
  ['null', 1008, said('null')],
  ['a list', 1008, said('[]')],
  ['a prototype', 1008, said('{"__proto__":{"attach":"r-1"}}')],
  ['JSON in bytes', 1008, (door) => own(door).then((message) => Buffer.from(JSON.stringify(message)))],
  ['4 kB', 1008, said('x'.repeat(4096))],
  ['one byte more', 1009, said('x'.repeat(4097))],
  ['a message in a hundred parts', 1008, said(Array.from({ length: 100 }, () => 'x'))],
];

/** What is said to the port itself, after TLS, and the status of the answer; 0: the connection is ended without one. */
const UPGRADE = 'GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n';
const KEYED = 'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n';
const RAW: readonly (readonly [what: string, status: number, bytes: string])[] = [
  ['a right upgrade', 101, `${UPGRADE}${KEYED}origin: ${ORIGIN}\r\n\r\n`],
  ['no origin', 403, `${UPGRADE}${KEYED}\r\n`],
  ['two origins', 403, `${UPGRADE}${KEYED}origin: ${ORIGIN}\r\norigin: https://evil.example\r\n\r\n`],
  ['forged names of root', 403, `${UPGRADE}${KEYED}x-whm-user: root\r\nx-whm-root: 1\r\n\r\n`],
  ['no key', 400, `${UPGRADE}sec-websocket-version: 13\r\norigin: ${ORIGIN}\r\n\r\n`],
  ['an old version', 400, `${UPGRADE}${KEYED.replace('13', '7')}origin: ${ORIGIN}\r\n\r\n`],
  ['a POST', 405, `${UPGRADE.replace('GET', 'POST')}${KEYED}origin: ${ORIGIN}\r\n\r\n`],
  [
    'a page of the plugin',
    404,
    'GET /status HTTP/1.1\r\nhost: x\r\nx-whm-user: root\r\nx-whm-root: 1\r\n\r\n',
  ],
  ['an apply', 404, 'POST /apply HTTP/1.1\r\nhost: x\r\nx-whm-root: 1\r\ncontent-length: 0\r\n\r\n'],
  ['no HTTP', 400, 'hello\r\n\r\n'],
  ['a header of 20 kB', 431, `${UPGRADE}${KEYED}x-more: ${'x'.repeat(20_000)}\r\n\r\n`],
  ['half a request', 408, 'GET / HTTP/1.1\r\nhost: x\r\n'],
  ['nothing', 408, ''],
];

describe('the table of the live port', function () {
  this.timeout(15_000);
  let door: LivePort;

  before(async () => {
    door = await openLivePort(() => clock);
    door.recording.output('x');
    door.recording.end();
  });
  after(() => door.live.close());

  for (const [what, code, first] of MESSAGES) {
    it(`closes as it must: ${what}`, async () => {
      const message = await first(door);
      const socket = door.connect(ORIGIN);
      const end = ending(socket);
      await once(socket, 'open');
      if (Array.isArray(message)) for (const part of message) socket.send(String(part), { fin: false });
      else if (typeof message === 'string' || Buffer.isBuffer(message)) socket.send(message);
      else socket.send(JSON.stringify(message));
      const { code: met, bytes } = await end;
      assert.equal(met, code);
      assert.ok(code === 1000 || bytes.length === 0);
    });
  }

  for (const [what, status, bytes] of RAW) {
    it(`answers as it must: ${what}`, async () => {
      await door.ticket();
      assert.equal(await sayOverTls(door.port, bytes), status);
    });
  }

  it('tells the audit of who attached and of who was refused', async () => {
    door.noted.length = 0;
    await door.attach(await own(door));
    const at = { address: '127.0.0.1', via: 'live' };
    assert.deepEqual(door.noted, [
      { user: 'root', ...at, action: 'attach', about: 'r-1', result: 'attached' },
    ]);
  });
});

/** The status of the answer; an upgrade that was granted is left open for no longer than that. */
function sayOverTls(port: number, bytes: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      socket.write(bytes);
    });
    let answer = '';
    const status = (): number => Number(/^HTTP\/1\.[01] (\d{3})/.exec(answer)?.[1] ?? 0);
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1');
      if (status() === 101) socket.destroy();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error);
    });
    socket.on('close', () => resolve(status()));
  });
}

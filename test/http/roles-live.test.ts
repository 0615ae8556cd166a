import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:https';
import { WebSocket } from 'ws';
import { ROUTES } from '../../src/http/app.ts';
import { ROOT_LOGIN } from './house.ts';
import { BINDING, ending, openLivePort, ORIGIN, type LivePort } from './live-port.ts';

/** Who one is, said by oneself: in the words of the CGI, of WHM and of proxies. */
const FORGED: Readonly<Record<string, string>> = {
  ...ROOT_LOGIN,
  'x-whm-acl': '1',
  'remote-user': 'root',
  'x-remote-user': 'root',
  'x-forwarded-for': '127.0.0.1',
  cookie: 'whostmgrsession=root%3aabc%2cdef',
  authorization: 'Basic cm9vdDpyb290',
};

describe('the live port, told by a stranger that they are root', () => {
  let door: LivePort;

  beforeEach(async () => {
    door = await openLivePort();
    await door.ticket();
  });
  afterEach(() => door.live.close());

  /** The status of one request; each has a connection of its own, as strangers have. */
  async function ask(method: string, path: string): Promise<number> {
    const options = {
      host: '127.0.0.1',
      port: door.port,
      method,
      path,
      rejectUnauthorized: false,
      agent: false,
    };
    const asked = request({ ...options, headers: { ...FORGED, origin: ORIGIN } });
    asked.end(method === 'POST' ? 'csrf=x' : undefined);
    const [response] = (await once(asked, 'response')) as [{ statusCode: number; resume(): void }];
    response.resume();
    return response.statusCode;
  }

  it('has none of the routes', async () => {
    for (const [method, path] of ROUTES) {
      const upper = method.toUpperCase();
      assert.equal(await ask(upper, path.replace(':run', 'r-1')), 404, `${upper} ${path}`);
    }
    assert.equal(await ask('GET', '/cpsess1/cgi/ftp_passive/index.cgi?r=status'), 404);
  });

  it('asks again at the attach whether the reseller of a ticket still may', async () => {
    door.recording.end();
    for (const [still, code] of [
      [() => Promise.resolve(true), 1000],
      [() => Promise.resolve(false), 1008],
      [() => Promise.reject(new Error('the grants cannot be read')), 1008],
    ] as const) {
      const { ticket } = door.tickets.mint({ ...BINDING, still });
      assert.equal((await door.attach({ attach: 'r-1', ticket, offset: 0 })).code, code);
    }
  });

  it('gives nothing to a socket without a ticket', async () => {
    const open = (headers: Readonly<Record<string, string>>): WebSocket =>
      new WebSocket(`wss://127.0.0.1:${door.port}/`, { rejectUnauthorized: false, headers });
    assert.equal((await ending(open(FORGED))).code, 403, 'no origin');
    const socket = open({ ...FORGED, origin: ORIGIN });
    const end = ending(socket);
    await once(socket, 'open');
    socket.send(JSON.stringify({ attach: 'r-1', offset: 0, ticket: 'A'.repeat(43) }));
    const { code, bytes } = await end;
    assert.deepEqual([code, bytes.length], [1008, 0]);
    assert.equal(door.recording.followers(), 0);
  });
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { ROUTES } from '../../src/http/app.ts';
import { createFakeDesk, createFakeRecording } from '../http/fake-desk.ts';
import { openHouse, ROOT_LOGIN, type House } from '../http/house.ts';
import { ending, openLivePort, ORIGIN, type LivePort } from '../http/live-port.ts';
import { sayRaw, statusOf } from '../http/raw.ts';
import { RUNNING } from '../http/samples.ts';
import { INPUTS, left, memory, SEED } from './fuzzing.ts';
import { damaged, randomFrom } from './mutation.ts';

const AT_ONCE = 8;

/** Does something so many times, some of them at once, with numbers that are the same in every run. */
async function many(times: number, one: (random: (below: number) => number) => Promise<void>): Promise<void> {
  const work = Array.from({ length: AT_ONCE }, async (_, lane) => {
    const random = randomFrom(SEED + lane);
    for (let count = lane; count < times; count += AT_ONCE) await one(random);
  });
  await Promise.all(work);
}

describe('a damaged request', function () {
  this.timeout(120_000);
  let house: House;
  let now = 0;

  before(async () => {
    // Time goes fast here, so that nobody is told to wait.
    const recording = createFakeRecording();
    recording.end();
    house = await openHouse(createFakeDesk(recording), { now: () => (now += 30_000) });
  });
  after(() => house.close());

  const lives = async (): Promise<void> => assert.equal((await house.get('/runs')).status, 200);

  it('is answered, or its connection ended, and the next one is served', async () => {
    const heads = ROUTES.map(([method, path]) => {
      const said = Object.entries({ ...ROOT_LOGIN, 'content-length': '10' }).map(
        ([name, value]) => `${name}: ${value}\r\n`,
      );
      return `${method.toUpperCase()} ${path.replace(':run', RUNNING.id)}?range=1-2&wait=0 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${said.join('')}\r\ncsrf=x&a=b`;
    });
    const before = memory();
    await many(INPUTS.requests, async (random) => {
      // A request that is cut off would be waited for.
      const status = await sayRaw(
        house.path,
        `${damaged(heads, random)}\r\n\r\n\r\n\r\n${'x'.repeat(40)}\r\n\r\n`,
        true,
      );
      assert.ok(status === 0 || (status >= 200 && status < 500) || status === 505, String(status));
    });
    await lives();
    left(before);
    assert.deepEqual(house.reported, []);
  });

  it('with a right login and a right token is answered with a status that says whose fault it is', async () => {
    const values = [
      '49152-65534',
      'auto',
      '203.0.113.10',
      '1',
      'plan-4f1c',
      'bob',
      'setup',
      '> PASV\n< 227 (1,2,3,4,5,6)\n',
    ];
    const names = [
      'range',
      'address',
      'ipv6',
      'plan',
      'log',
      'user',
      'password',
      'reseller',
      'action',
      'force',
      'offset',
      'wait',
      'changed',
    ];
    const before = memory();
    await many(INPUTS.forms, async (random) => {
      const [method, pattern] = ROUTES[random(ROUTES.length)] ?? assert.fail();
      const fields = Array.from({ length: random(6) }, (): [string, string] => {
        const name = random(8) === 0 ? damaged(names, random) : (names[random(names.length)] ?? '');
        return [
          name.slice(0, 200),
          (random(4) === 0 ? damaged(values, random) : (values[random(values.length)] ?? '')).slice(0, 2000),
        ];
      });
      const form = new URLSearchParams([...fields, ['wait', '0']]).toString();
      const run =
        random(6) === 0
          ? encodeURIComponent(Buffer.from(damaged([RUNNING.id], random)).toString()).slice(0, 300)
          : RUNNING.id;
      const path = pattern.replace(':run', run);
      const sent = method === 'get' ? '' : `${form}&csrf=${house.csrf()}`;
      const status = await statusOf(house.path, {
        method: method.toUpperCase(),
        path: method === 'get' ? `${path}?${form}` : path,
        headers: [
          ...Object.entries(ROOT_LOGIN),
          ['content-type', 'application/x-www-form-urlencoded'],
          ['content-length', String(Buffer.byteLength(sent))],
        ],
        body: sent,
      });
      assert.ok(status >= 200 && status < 500, `${method} ${path} ${form}: ${status}`);
    });
    await lives();
    left(before);
    assert.deepEqual(house.reported, []);
  });
});

describe('a damaged message', function () {
  this.timeout(120_000);
  let door: LivePort;

  before(async () => {
    door = await openLivePort();
    door.recording.end();
  });
  after(() => door.live.close());

  it('on the live port ends its socket, and the next one is served', async () => {
    const good = `{"attach":"r-1","ticket":"${'A'.repeat(43)}","offset":0}`;
    const before = memory();
    await many(INPUTS.messages, async (random) => {
      await door.ticket();
      const socket = new WebSocket(`wss://127.0.0.1:${door.port}/`, {
        rejectUnauthorized: false,
        origin: ORIGIN,
      });
      const end = ending(socket);
      await once(socket, 'open');
      const message = damaged([good], random);
      socket.send(random(5) === 0 ? Buffer.from(message) : message);
      const { code } = await end;
      assert.ok([1000, 1007, 1008, 1009].includes(code), `${code}: ${JSON.stringify(message)}`);
    });
    const attach = { attach: 'r-1', ticket: await door.ticket(), offset: 0 };
    assert.equal((await door.attach(attach)).code, 1000);
    left(before);
  });
});

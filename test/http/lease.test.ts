import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { createFakeDesk } from './fake-desk.ts';
import { openHouse, ROOT_LOGIN, type House } from './house.ts';
import { openLivePort, type Ending, type LivePort } from './live-port.ts';
import { RUNNING } from './samples.ts';

describe('a renewal of a lease', () => {
  const route = `/runs/${RUNNING.id}/lease`;
  let door: LivePort;
  let house: House;

  beforeEach(async () => {
    door = await openLivePort();
    const { live, tickets } = door;
    house = await openHouse(createFakeDesk(door.recording), { live, tickets, now: Date.now });
  });
  afterEach(async () => {
    await door.live.close();
    await house.close();
  });

  async function follow(): Promise<{ readonly end: Promise<Ending> }> {
    const { text } = await house.post(`/runs/${RUNNING.id}/ticket`, { csrf: house.csrf() });
    const { ticket } = JSON.parse(text) as { ticket: string };
    const before = door.recording.followers();
    const end = door.attach({ attach: RUNNING.id, ticket, offset: 0 });
    while (door.recording.followers() === before) await sleep(5);
    return { end };
  }

  const renew = (fields: Readonly<Record<string, string>>, headers = ROOT_LOGIN): ReturnType<House['post']> =>
    house.post(route, fields, headers);

  it('tells how many sockets this login has, and how far the recording is', async () => {
    const csrf = house.csrf();
    const length = door.recording.bytes().length;
    assert.equal((await renew({ csrf, offset: '0' })).text, JSON.stringify({ sockets: 0, next: length }));
    await follow();
    await follow();
    assert.equal((await renew({ csrf, offset: '0' })).text, JSON.stringify({ sockets: 2, next: length }));
    const other = { ...ROOT_LOGIN, 'x-whm-session': '/cpsess9876543210' };
    const { text } = await renew({ csrf: house.csrf(other), offset: '0' }, other);
    assert.equal(text, JSON.stringify({ sockets: 0, next: length }));
  });

  it('is refused like every other change, in JSON', async () => {
    for (const [fields, headers, status] of [
      [{}, ROOT_LOGIN, 403],
      [{ csrf: house.csrf() }, { ...ROOT_LOGIN, 'x-whm-session': '/cpsess9876543210' }, 403],
      [{ csrf: house.csrf() }, { ...ROOT_LOGIN, origin: 'https://other.example' }, 403],
      [{ csrf: house.csrf() }, { ...ROOT_LOGIN, 'x-whm-session': '' }, 403],
      [{ csrf: house.csrf(), offset: '-1' }, ROOT_LOGIN, 400],
    ] as const) {
      const answer = await renew(fields, headers);
      assert.equal(answer.status, status, JSON.stringify(fields));
      assert.match(answer.headers['content-type'] ?? '', /^application\/json/);
    }
    assert.equal((await house.post('/runs/none/lease', { csrf: house.csrf() })).status, 404);
    assert.equal((await house.get(route)).status, 404);
  });
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import sinon from 'sinon';
import { createFakeDesk, createFakeRecording, type FakeRecording } from './fake-desk.ts';
import { openHouse, ROOT_LOGIN, type House } from './house.ts';
import { RUNNING } from './samples.ts';

describe('the events of a run', () => {
  const events = `/runs/${RUNNING.id}/events`;
  let recording: FakeRecording;
  let house: House;

  beforeEach(async () => {
    recording = createFakeRecording();
    house = await openHouse(createFakeDesk(recording));
  });
  afterEach(() => house.close());

  async function open(path: string): Promise<IncomingMessage> {
    const outgoing = request({ socketPath: house.path, path, headers: ROOT_LOGIN, agent: false });
    outgoing.end();
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    return response;
  }

  it('stream as they come until the run ends', async () => {
    const response = await open(`${events}?offset=11`);
    assert.equal(response.headers['content-type'], 'application/octet-stream');
    assert.equal(response.headers['x-run-offset'], '11');
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    await sleep(20);
    recording.output('one');
    while (!Buffer.concat(chunks).includes('one')) await sleep(2);
    recording.output('two');
    recording.end();
    await once(response, 'end');
    assert.ok(Buffer.concat(chunks).equals(recording.bytes().subarray(11)));
  });

  it('tell at once what is there, where to go on and whether that is all', async () => {
    recording.output('one');
    const size = recording.bytes().length;
    const first = await house.get(`${events}?offset=0&wait=0`);
    assert.ok(first.bytes.equals(recording.bytes()));
    assert.deepEqual(
      [first.headers['x-run-offset'], first.headers['x-run-next'], first.headers['x-run-ended']],
      ['0', String(size), '0'],
    );
    recording.end();
    const last = await house.get(`${events}?offset=${size}&wait=0`);
    assert.equal(last.bytes.length, 0);
    assert.equal(last.headers['x-run-ended'], '1');
  });

  it('come at most 256 KiB at once to who asks again and again', async () => {
    recording.append(Buffer.alloc(600_000, 'x'));
    recording.end();
    const whole: Buffer[] = [];
    for (let offset = 0, ended = false; !ended;) {
      const answer = await house.get(`${events}?offset=${offset}&wait=0`);
      whole.push(answer.bytes);
      offset = Number(answer.headers['x-run-next']);
      ended = answer.headers['x-run-ended'] === '1';
    }
    assert.equal(whole.length, 3);
    assert.ok(Buffer.concat(whole).equals(recording.bytes()));
  });

  it('wait for a reader that is slow, and are let go when it leaves', async () => {
    recording.append(Buffer.alloc(32 * 1024 * 1024, 'x'));
    const response = await open(`${events}?offset=0`);
    response.pause();
    const before = process.memoryUsage().rss;
    await sleep(200);
    assert.ok(process.memoryUsage().rss - before < 16 * 1024 * 1024);
    assert.equal(recording.followers(), 1);
    response.destroy();
    while (recording.followers() > 0) await sleep(5);
    assert.deepEqual(house.reported, []);
  });

  it('end after 50 seconds, so that nothing on the way cuts them off', async () => {
    const clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const response = await open(`${events}?offset=0`);
      response.resume();
      const end = once(response, 'end');
      while (recording.followers() === 0) await new Promise(setImmediate);
      clock.tick(50_000);
      await end;
      assert.equal(recording.followers(), 0);
    } finally {
      clock.restore();
    }
  });

  it('are refused for an offset that is not one', async () => {
    for (const offset of ['-1', '1.5', 'x', '1e3', '9'.repeat(16)]) {
      assert.equal((await house.get(`${events}?offset=${offset}&wait=0`)).status, 400, offset);
    }
  });

  it('can be kept as a file', async () => {
    recording.append(Buffer.alloc(300_000, 'x'));
    recording.end();
    const { bytes, headers } = await house.get(`/runs/${RUNNING.id}/recording`);
    assert.ok(bytes.equals(recording.bytes()));
    assert.equal(headers['content-type'], 'application/x-asciicast');
    assert.equal(headers['content-disposition'], `attachment; filename=ftp-passive-${RUNNING.id}.cast`);
  });
});

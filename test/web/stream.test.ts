import assert from 'node:assert/strict';
import sinon from 'sinon';
import { createFeed, type Feed } from '../../src/web/feed.ts';
import { createPoll } from '../../src/web/poll.ts';
import { createStream } from '../../src/web/stream.ts';

const RECORDING = { 'content-type': 'application/octet-stream' };
const END = '[1,"m","run done: Proven."]\n';
const never = (): boolean => false;
const place = { run: 'r-1', csrf: 'token' };

describe('the carriers through WHM', () => {
  let fetched: sinon.SinonStub<[string, RequestInit], Promise<Response>>;
  let clock: sinon.SinonFakeTimers;
  let taken: string[];
  let feed: Feed;

  beforeEach(() => {
    clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    fetched = sinon.stub(globalThis, 'fetch') as unknown as typeof fetched;
    taken = [];
    feed = createFeed((events) => taken.push(...events.map((event) => event.text)));
  });
  afterEach(() => sinon.restore());

  const now = (text: string, ended: boolean): Response =>
    new Response(text, { headers: { ...RECORDING, 'x-run-ended': ended ? '1' : '0' } });

  /** An answer whose body brings what the test gives it. */
  function opened(): {
    readonly response: Response;
    readonly give: (text: string) => void;
    readonly end: () => void;
  } {
    let body: ReadableStreamDefaultController<Uint8Array> | undefined;
    const stream = new ReadableStream<Uint8Array>({ start: (controller) => void (body = controller) });
    return {
      response: new Response(stream, { headers: RECORDING }),
      give: (text) => body?.enqueue(Buffer.from(text)),
      end: () => body?.close(),
    };
  }

  it('stream a run to its end', async () => {
    const { response, give, end } = opened();
    fetched.resolves(response);
    const working = sinon.spy();
    const done = createStream(place).carry(feed, working, never);
    give('[0,"o","one"]\n[0.5,"o",');
    await clock.tickAsync(100);
    sinon.assert.called(working);
    give('"two"]\n' + END);
    end();
    assert.equal(await done, 'ended');
    assert.deepEqual(taken, ['one', 'two', 'run done: Proven.']);
    assert.equal(fetched.firstCall.args[0], '?r=runs/r-1/events&offset=0');
  });

  it('give a stream up that is held back on the way, with what it held back', async () => {
    fetched.onFirstCall().resolves(opened().response);
    fetched.onSecondCall().resolves(now('[0,"o","held"]\n', false));
    const done = createStream(place).carry(feed, () => undefined, never);
    await clock.tickAsync(1600);
    assert.equal(await done, 'unusable');
    assert.deepEqual(taken, ['held']);
    assert.equal(fetched.secondCall.args[0], '?r=runs/r-1/events&offset=0&wait=0');
    assert.equal(fetched.firstCall.args[1].signal?.aborted, true);
    // A cache would have the second one wait for the first.
    for (const [, init] of fetched.args) assert.equal((init as { cache?: string }).cache, 'no-store');
  });

  it('do not take a silent command for a stream that is held back', async () => {
    const { response, give, end } = opened();
    fetched.onFirstCall().resolves(response);
    fetched.callsFake(() => Promise.resolve(now('', false)));
    fetched.onFirstCall().resolves(response);
    const done = createStream(place).carry(feed, () => undefined, never);
    await clock.tickAsync(60_000);
    give(END);
    end();
    assert.equal(await done, 'ended');
    assert.ok(fetched.callCount < 10);
  });

  it('ask again when a stream ends before the run does', async () => {
    const { response, give, end } = opened();
    fetched.onFirstCall().resolves(response);
    fetched.onSecondCall().resolves(now('[1,"o","two"]\n', false));
    give('[0,"o","one"]\n');
    end();
    assert.equal(await createStream(place).carry(feed, () => undefined, never), 'again');
    assert.deepEqual(taken, ['one', 'two']);
  });

  it('end with a run that died without a last marker', async () => {
    const { response, end } = opened();
    fetched.onFirstCall().resolves(response);
    fetched.onSecondCall().resolves(now('', true));
    end();
    assert.equal(await createStream(place).carry(feed, () => undefined, never), 'ended');
  });

  it('do not read somebody else’s page as a recording', async () => {
    fetched.callsFake(() =>
      Promise.resolve(new Response('<html>', { headers: { 'content-type': 'text/html' } })),
    );
    assert.equal(await createStream(place).carry(feed, () => undefined, never), 'unusable');
    const poll = createPoll(place, () => Promise.resolve());
    assert.equal(await poll.carry(feed, () => undefined, never), 'broken');
    assert.equal(feed.offset, 0);
  });

  it('take silence for a dead stream when WHM does not answer either', async () => {
    const { response } = opened();
    fetched.callsFake(() => Promise.reject(new TypeError('fetch failed')));
    fetched.onFirstCall().resolves(response);
    const done = createStream(place).carry(feed, () => undefined, never);
    await clock.tickAsync(1600);
    assert.equal(await done, 'broken');
  });

  it('poll no longer than until a better carrier is worth a try', async () => {
    fetched.callsFake(() => Promise.resolve(now('', false)));
    let polls = 0;
    const sleep = sinon.stub<[number], Promise<void>>().resolves();
    assert.equal(
      await createPoll(place, sleep).carry(
        feed,
        () => undefined,
        () => ++polls === 3,
      ),
      'again',
    );
    assert.equal(fetched.callCount, 3);
  });

  it('tell a log-out from a lost connection', async () => {
    fetched.callsFake(() => Promise.resolve(new Response('', { status: 401 })));
    const poll = createPoll(place, () => Promise.resolve());
    assert.equal(await createStream(place).carry(feed, () => undefined, never), 'refused');
    assert.equal(await poll.carry(feed, () => undefined, never), 'refused');
    fetched.callsFake(() => Promise.reject(new TypeError('fetch failed')));
    assert.equal(await createStream(place).carry(feed, () => undefined, never), 'broken');
    assert.equal(await poll.carry(feed, () => undefined, never), 'broken');
  });

  it('poll from the offset on, once a second, and at once when there is much', async () => {
    const much = JSON.stringify([0, 'o', 'x'.repeat(200_000)]) + '\n';
    const answers = [now(much, false), now('', false), now(END, true)];
    fetched.callsFake(() => Promise.resolve(answers.shift() ?? now('', true)));
    const sleep = sinon.stub<[number], Promise<void>>().resolves();
    assert.equal(await createPoll(place, sleep).carry(feed, () => undefined, never), 'ended');
    sinon.assert.calledOnceWithExactly(sleep, 1000);
    assert.equal(fetched.thirdCall.args[0], `?r=runs/r-1/events&offset=${much.length}&wait=0`);
  });
});

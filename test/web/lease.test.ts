import assert from 'node:assert/strict';
import sinon from 'sinon';
import type { Outcome } from '../../src/web/carrier.ts';
import { createFeed, type Feed } from '../../src/web/feed.ts';
import { keepLease } from '../../src/web/lease.ts';

describe('the lease of a socket', () => {
  let fetched: sinon.SinonStub<[string, RequestInit], Promise<Response>>;
  let clock: sinon.SinonFakeTimers;
  let feed: Feed;
  let outcome: Outcome | null;
  let stop: AbortController;

  beforeEach(() => {
    clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    fetched = sinon.stub(globalThis, 'fetch') as unknown as typeof fetched;
    feed = createFeed(() => undefined);
    outcome = null;
    stop = new AbortController();
    void keepLease({ run: 'r-1', csrf: 'token' }, feed, stop.signal).then((end) => (outcome = end));
  });
  afterEach(() => sinon.restore());

  const answer = (sockets: number, next: number): Promise<Response> =>
    Promise.resolve(new Response(JSON.stringify({ sockets, next })));

  it('is renewed through WHM as often as five times in its time', async () => {
    fetched.callsFake(() => answer(1, 0));
    await clock.tickAsync(60_000);
    assert.equal(fetched.callCount, 6);
    const [address, init] = fetched.firstCall.args;
    assert.equal(address, '?r=runs/r-1/lease');
    assert.equal(init.method, 'POST');
    assert.deepEqual(init.body, new URLSearchParams({ csrf: 'token', offset: '0' }));
    stop.abort();
    await clock.tickAsync(60_000);
    assert.equal(fetched.callCount, 6);
  });

  it('ends at once when WHM or the product refuses', async () => {
    for (const status of [401, 403]) {
      fetched.callsFake(() => Promise.resolve(new Response('', { status })));
      await clock.tickAsync(10_000);
      assert.equal(outcome, 'refused');
    }
  });

  it('shows that bytes which the server has sent do not arrive', async () => {
    fetched.callsFake(() => answer(1, 500));
    await clock.tickAsync(11_900);
    assert.equal(outcome, null);
    await clock.tickAsync(200);
    assert.equal(outcome, 'broken');
  });

  it('does not take a slow line for a dead one', async () => {
    fetched.callsFake(() => answer(1, 500));
    await clock.tickAsync(11_000);
    feed.offer(0, Buffer.from('x'));
    await clock.tickAsync(5000);
    assert.equal(outcome, null);
  });

  it('shows that the server has no such socket any more', async () => {
    fetched.callsFake(() => answer(0, 0));
    await clock.tickAsync(10_000);
    assert.equal(outcome, 'broken');
  });

  it('leaves a socket alone while WHM does not answer', async () => {
    fetched.callsFake(() => Promise.reject(new TypeError('fetch failed')));
    await clock.tickAsync(30_000);
    fetched.callsFake(() => Promise.resolve(new Response('<html>', { status: 503 })));
    await clock.tickAsync(20_000);
    assert.equal(outcome, null);
  });
});

import assert from 'node:assert/strict';
import sinon from 'sinon';
import { openAudience, type Audience } from '../../src/runs/audience.ts';

describe('those who follow a run', () => {
  let clock: sinon.SinonFakeTimers;
  let audience: Audience;
  beforeEach(() => {
    clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    audience = openAudience();
  });
  afterEach(() => clock.restore());

  /** Followers who sleep again as soon as they are woken; how often each was. */
  function gather(count: number): { readonly woken: number[] } {
    const woken = Array.from({ length: count }, () => 0);
    for (let each = 0; each < count; each++) {
      const sleeper = audience.join();
      void (async () => {
        for (;;) if (await sleeper.sleep(60_000)) woken[each] = (woken[each] ?? 0) + 1;
      })();
    }
    return { woken };
  }

  const settled = (): Promise<void> => clock.tickAsync(0).then(() => undefined);

  it('are woken at once when it is one', async () => {
    const { woken } = gather(1);
    for (let time = 0; time < 3; time++) {
      audience.wake();
      await settled();
    }
    assert.deepEqual(woken, [3]);
  });

  it('are woken together when they are many, and not again for forty milliseconds', async () => {
    const { woken } = gather(50);
    audience.wake();
    await settled();
    assert.deepEqual(new Set(woken), new Set([1]));
    for (let ms = 0; ms < 39; ms++) {
      audience.wake();
      await clock.tickAsync(1);
    }
    assert.deepEqual(new Set(woken), new Set([1]));
    await clock.tickAsync(1);
    assert.deepEqual(new Set(woken), new Set([2]));
    await clock.tickAsync(1000);
    assert.deepEqual(new Set(woken), new Set([2]));
  });

  it('sleep on, as long again, where what woke them was served at once', async () => {
    let serve = true;
    let woken: boolean | null = null;
    void audience
      .join()
      .sleep(1000, () => serve)
      .then((told) => (woken = told));
    for (let time = 0; time < 3; time++) {
      await clock.tickAsync(900);
      audience.wake();
    }
    assert.equal(woken, null);
    serve = false;
    audience.wake();
    await settled();
    assert.equal(woken, true);
    assert.equal(clock.countTimers(), 0);
  });

  it('wake by themselves when nobody wakes them', async () => {
    const slept = audience.join().sleep(100);
    await clock.tickAsync(100);
    assert.equal(await slept, false);
    assert.equal(audience.size(), 1);
  });

  it('sleep no more when they leave', async () => {
    const sleeper = audience.join();
    const slept = sleeper.sleep(60_000);
    sleeper.leave();
    assert.equal(await slept, false);
    assert.equal(audience.size(), 0);
    assert.equal(clock.countTimers(), 0);
  });
});

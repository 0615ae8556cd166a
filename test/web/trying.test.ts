import assert from 'node:assert/strict';
import { tryAll, waitForEnd, type Progress } from '../../src/web/trying.ts';

/** A clock by which everything takes its time. */
function slowly(): () => number {
  let now = 0;
  return () => (now += 30);
}

const sleep = (): Promise<void> => Promise.resolve();

describe('the tries of a browser', () => {
  it('are all made, and their end is told, whatever they met', async () => {
    const tried: string[] = [];
    const ends: boolean[] = [];
    await tryAll(['203.0.113.10:50000', '203.0.113.10:50001'], {
      connect(target) {
        tried.push(target);
        return target.endsWith('0') ? Promise.reject(new Error('reset')) : Promise.resolve();
      },
      wasKeptFrom: () => false,
      end: (all) => Promise.resolve(ends.push(all)),
      now: () => 0,
      sleep,
    });
    assert.deepEqual(tried, ['203.0.113.10:50000', '203.0.113.10:50001']);
    assert.deepEqual(ends, [true]);
  });

  it('do not count where the browser refused to make them', async () => {
    const ends: boolean[] = [];
    const refuse = (): Promise<never> => Promise.reject(new Error('policy'));
    const end = (all: boolean): Promise<number> => Promise.resolve(ends.push(all));
    await tryAll(['203.0.113.10:50000'], {
      connect: refuse,
      wasKeptFrom: () => true,
      end,
      now: slowly(),
      sleep,
    });
    assert.deepEqual(ends, [false]);
  });

  it('do not count where each failed sooner than a network can answer', async () => {
    const ends: boolean[] = [];
    const connect = (): Promise<never> => Promise.reject(new Error('no'));
    const end = (all: boolean): Promise<number> => Promise.resolve(ends.push(all));
    for (const now of [() => 0, slowly()])
      await tryAll(['203.0.113.10:50000'], { connect, wasKeptFrom: () => false, end, now, sleep });
    assert.deepEqual(ends, [false, true]);
  });
});

describe('the page of a proof under way', () => {
  const wait = async (...answers: (Progress | 'refused' | 'gone' | null)[]): Promise<[boolean, string[]]> => {
    const said: string[] = [];
    const ask = (): Promise<Progress | 'refused' | 'gone' | null> =>
      Promise.resolve(answers.length === 0 ? 'refused' : (answers.shift() ?? null));
    return [await waitForEnd({ ask, say: (words) => void said.push(words), sleep }), said];
  };

  it('says how far it is until there is a result', async () => {
    const at = (arrived: number, over = false): Progress => ({ over, arrived, all: 8 });
    assert.deepEqual(await wait(at(0), null, at(3), at(8, true)), [
      true,
      ['0 of 8 connections have arrived.', '3 of 8 connections have arrived.'],
    ]);
  });

  it('stops when the server knows nothing of it any more', async () => {
    assert.deepEqual(await wait('gone'), [
      false,
      ['The server does not know this test any more, so there is no result; begin a new one.'],
    ]);
  });

  it('stops when WHM does not let it in any more', async () => {
    assert.deepEqual(await wait('refused'), [
      false,
      ['WHM does not let this page in any more; log in again.'],
    ]);
  });
});

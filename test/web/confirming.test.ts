import assert from 'node:assert/strict';
import { confirmItself, type Answer } from '../../src/web/confirming.ts';

async function confirm(...answers: Answer[]): Promise<{ kept: boolean; said: string[]; slept: number[] }> {
  const said: string[] = [];
  const slept: number[] = [];
  const kept = await confirmItself({
    ask: () => Promise.resolve(answers.shift() ?? 'refused'),
    say: (words) => void said.push(words),
    sleep: (ms) => Promise.resolve(void slept.push(ms)),
  });
  return { kept, said, slept };
}

describe('a page that confirms its run', () => {
  it('asks again while it is refused or not heard, and says why', async () => {
    const { kept, said, slept } = await confirm('again', { kept: false, why: 'No way in.' }, { kept: true });
    assert.equal(kept, true);
    assert.match(said.at(-1) ?? '', /^No way in\. This page asks again every 5 seconds\.$/);
    assert.deepEqual(slept, [5000, 5000]);
  });

  it('gives up when WHM lets nobody in', async () => {
    const { kept, said } = await confirm('refused', { kept: true });
    assert.equal(kept, false);
    assert.match(said.at(-1) ?? '', /log in again/);
  });
});

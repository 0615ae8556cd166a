import assert from 'node:assert/strict';
import { watchWork } from '../../src/runs/at-work.ts';

describe('the step at work', () => {
  it('is told with its time, its silence after ten seconds, and its limit', () => {
    const work = watchWork((step) => (step === 's2' ? 300 : null));
    assert.equal(work.tell(1), null);
    work.hear({ at: 2, kind: 'mark', text: 's2 running: Render' });
    assert.deepEqual(work.tell(11), { step: 's2', sentence: 'For 9 s; it is ended after 5 min 0 s.' });
    assert.equal(work.tell(14)?.sentence, 'For 12 s; without output for 12 s; it is ended after 5 min 0 s.');
    work.hear({ at: 14, kind: 'output', text: 'a word' });
    assert.equal(work.tell(15)?.sentence, 'For 13 s; it is ended after 5 min 0 s.');
    assert.equal(work.lastOutput, 14);
    work.hear({ at: 16, kind: 'mark', text: 's2 done: Render' });
    assert.equal(work.tell(40), null);
    work.hear({ at: 41, kind: 'mark', text: 's3 running: Prove' });
    assert.equal(work.tell(43)?.sentence, 'For 2 s.');
  });
});

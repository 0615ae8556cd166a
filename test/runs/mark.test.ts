import assert from 'node:assert/strict';
import { markSentence, parseMark } from '../../src/runs/mark.ts';

describe('a marker', () => {
  it('tells the state of a step or of the run', () => {
    assert.deepEqual(parseMark('s3 failed: nft: exit code 1.'), {
      of: 'step',
      step: 's3',
      state: 'failed',
      text: 'nft: exit code 1.',
    });
    assert.deepEqual(parseMark('run undone: Everything is as before.'), {
      of: 'run',
      state: 'undone',
      text: 'Everything is as before.',
    });
  });

  it('is nothing when no run of this product writes it', () => {
    const others = [
      '',
      'hello',
      's3 waiting: x',
      'run running: x',
      'run left: x',
      's done: x',
      's3"] done: x',
      'xs3 done: x',
    ];
    for (const label of others) assert.equal(parseMark(label), null, label);
  });

  it('is one sentence for people', () => {
    const sentence = (label: string): string => {
      const mark = parseMark(label);
      assert.ok(mark);
      return markSentence(mark);
    };
    assert.equal(sentence('s3 undone: Open the range'), 'Step 3 put back: Open the range');
    assert.equal(sentence('run done: Passive FTP is proven.'), 'Passive FTP is proven.');
  });
});

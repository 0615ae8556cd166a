import assert from 'node:assert/strict';
import { openCrowds, type Crowds } from '../../src/http/crowds.ts';

describe('a crowd', () => {
  let crowds: Crowds;
  beforeEach(() => (crowds = openCrowds()));

  const join = (run: string, followers: number): (() => void)[] =>
    Array.from({ length: followers }, () => crowds.join(run));

  it('is more than four who follow one run', () => {
    assert.equal(crowds.isMany('r-1'), false);
    join('r-1', 4);
    assert.equal(crowds.isMany('r-1'), false);
    join('r-1', 1);
    assert.equal(crowds.isMany('r-1'), true);
  });

  it('are not those who follow other runs', () => {
    for (const run of ['r-1', 'r-2', 'r-3']) join(run, 4);
    assert.equal(crowds.isMany('r-2'), false);
  });

  it('is none when some have left, and again when others have come', () => {
    const [first] = join('r-1', 5);
    first?.();
    assert.equal(crowds.isMany('r-1'), false);
    join('r-1', 1);
    assert.equal(crowds.isMany('r-1'), true);
  });
});

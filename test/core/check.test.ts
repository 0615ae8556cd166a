import assert from 'node:assert/strict';
import { allPass, type Check } from '../../src/core/check.ts';

const check = (result: Check['result']): Check => ({ id: 'x', title: 'X', result, fact: '' });

describe('checks', () => {
  const rows: readonly (readonly [results: readonly Check['result'][], verdict: boolean | null])[] = [
    [[], null],
    [['skip'], null],
    [['skip', 'skip'], null],
    [['pass'], true],
    [['pass', 'skip'], null],
    [['skip', 'pass'], null],
    [['fail'], false],
    [['skip', 'fail'], false],
    [['pass', 'fail', 'pass'], false],
  ];
  for (const [results, verdict] of rows) {
    it(`give ${String(verdict)} for ${results.join(', ') || 'none'}`, () =>
      assert.equal(allPass(results.map(check)), verdict));
  }
});

import assert from 'node:assert/strict';
import { Problem, toProblem } from '../../src/core/problem.ts';

describe('problem', () => {
  it('carries a code, a sentence, evidence and its cause', () => {
    const cause = new Error('EROFS');
    const problem = new Problem(
      'access-denied',
      'The store cannot be written.',
      'read-only file system',
      cause,
    );
    assert.ok(problem instanceof Error);
    assert.equal(problem.name, 'Problem');
    assert.equal(problem.code, 'access-denied');
    assert.equal(problem.message, 'The store cannot be written.');
    assert.equal(problem.detail, 'read-only file system');
    assert.equal(problem.cause, cause);
  });

  it('stays itself when it is made a problem again', () => {
    const problem = new Problem('busy', 'Another run holds the lock.');
    assert.equal(toProblem(problem), problem);
    assert.equal(problem.detail, undefined);
  });

  it('is internal for whatever else was thrown, which stays its cause', () => {
    const thrown = new TypeError('x is undefined');
    const problem = toProblem(thrown);
    assert.deepEqual([problem.code, problem.message, problem.cause], ['internal', 'x is undefined', thrown]);
    assert.deepEqual([toProblem('text').message, toProblem('text').cause], ['text', 'text']);
    assert.equal(toProblem(null).message, 'null');
  });
});

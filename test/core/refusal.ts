import { Problem, type ProblemCode } from '../../src/core/problem.ts';

/** For `assert.throws`: holds for a Problem with this code and exactly this sentence. */
export function refusal(message: string, code: ProblemCode = 'invalid'): (thrown: unknown) => boolean {
  return (thrown) => {
    if (thrown instanceof Problem && thrown.code === code && thrown.message === message) return true;
    throw thrown;
  };
}

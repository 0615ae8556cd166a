import assert from 'node:assert/strict';
import { judge } from '../../src/outside/judgement.ts';
import { lastOf, readLast, writeLast } from '../../src/outside/last.ts';
import { BLOCKED, PROOF } from './samples.ts';

const asked = { visitor: BLOCKED, stranger: BLOCKED };
const judgement = judge(PROOF, [], { over: true, tried: true, waited: true, reach: asked, held: [] });

describe('the last proof', () => {
  it('is read as it was written, and names no rule', () => {
    const last = lastOf(PROOF, judgement, 1000);
    const text = writeLast(last);
    assert.deepEqual(readLast(text), last);
    assert.deepEqual([last.at, last.verdict, last.ports[0]], [1000, 'here', { port: 49152, result: 'here' }]);
    assert.ok(!text.includes('policy drop') && !text.includes(PROOF.token), text);
  });

  const whole = writeLast(lastOf(PROOF, judgement, 1000));
  const strange = whole.replace('"here"', '"never"');
  for (const text of ['', '{', 'null', '[]', '{"at":1}', strange, ' '.repeat(9000) + whole])
    it(`is none where the file says ${text.trim().slice(0, 60) || 'nothing'}, of ${text.length}`, () => {
      assert.equal(readLast(text), null);
    });
});

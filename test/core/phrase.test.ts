import assert from 'node:assert/strict';
import { phrase } from '../../src/core/phrase.ts';

describe('a phrase', () => {
  it('is its text with what is filled in', () => {
    assert.equal(phrase`Nothing to do`, 'Nothing to do');
    assert.equal(phrase`${2} of ${'three'} ports\n`, '2 of three ports\n');
    assert.equal(phrase`NATmode: 'no', \`x\`, \${y}, \\`, "NATmode: 'no', `x`, ${y}, \\");
  });
});

import assert from 'node:assert/strict';
import { keepOutput } from '../../src/system/kept.ts';

describe('kept output', () => {
  it('does not change when the place of what was heard is used again', () => {
    const kept = keepOutput(() => undefined);
    const place = Buffer.from('one ');
    kept.add(place);
    place.write('two ');
    kept.add(place);
    assert.equal(kept.text(), 'one two ');
    assert.equal(kept.heard(), 8);
  });
});

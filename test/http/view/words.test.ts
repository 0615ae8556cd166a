import assert from 'node:assert/strict';
import { commandLine, moment, rangeWords } from '../../../src/http/view/words.ts';
import { diffLines } from '../../../src/http/view/plan.ts';
import { duration } from '../../../src/core/duration.ts';

describe('words', () => {
  it('tell moments, lengths of time and ranges', () => {
    assert.equal(moment('2026-11-22T10:38:07.123Z'), '2026-11-22 10:38:07 UTC');
    assert.deepEqual(
      [-5, 59_999, 60_000, 185_000, 3_600_000, 7_440_000].map((each) => duration(each)),
      ['0 s', '59 s', '1 min 0 s', '3 min 5 s', '1 h 0 min', '2 h 4 min'],
    );
    assert.deepEqual([rangeWords(null), rangeWords([1024, 2048])], ['not set', '1024-2048']);
  });

  it('quote a command as a shell would need it', () => {
    assert.equal(
      commandLine(['/bin/x', '--a=b', 'two words', "it's", '', '$(id)']),
      `/bin/x --a=b 'two words' 'it'\\''s' '' '$(id)'`,
    );
  });

  it('tell added, removed and unchanged lines of a diff apart', () => {
    const diff = '--- a\n+++ b\n@@ -1,3 +1,2 @@\n-old\n---- sign\n+new\n same\n';
    const changes = diffLines(diff).map((line) => line.change);
    assert.deepEqual(changes, ['place', 'removed', 'removed', 'added', 'same']);
    assert.deepEqual(diffLines(''), []);
  });
});

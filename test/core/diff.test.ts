import assert from 'node:assert/strict';
import { applyPatch } from 'diff';
import fc from 'fast-check';
import { unifiedDiff } from '../../src/core/diff.ts';

describe('diff', () => {
  const numbered = (count: number): string =>
    Array.from({ length: count }, (_, at) => `line ${at + 1}\n`).join('');

  it('is empty when nothing changes', () => {
    assert.equal(unifiedDiff('/etc/x', 'a\n', 'a\n'), '');
    assert.equal(unifiedDiff('/etc/x', null, null), '');
    assert.equal(unifiedDiff('/etc/x', '', ''), '');
  });

  it('shows a change with three lines around it and no date', () => {
    const before = numbered(10);
    assert.equal(
      unifiedDiff('/etc/x', before, before.replace('line 5\n', 'new\n')),
      [
        '--- /etc/x',
        '+++ /etc/x',
        '@@ -2,7 +2,7 @@',
        ' line 2',
        ' line 3',
        ' line 4',
        '-line 5',
        '+new',
        ' line 6',
        ' line 7',
        ' line 8',
        '',
      ].join('\n'),
    );
  });

  it('names a file that does not exist /dev/null', () => {
    assert.equal(unifiedDiff('/etc/x', null, 'a\n'), '--- /dev/null\n+++ /etc/x\n@@ -0,0 +1,1 @@\n+a\n');
    assert.equal(unifiedDiff('/etc/x', 'a\n', null), '--- /etc/x\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-a\n');
    assert.equal(unifiedDiff('/etc/x', null, ''), '--- /dev/null\n+++ /etc/x\n');
  });

  it('says when the last newline is missing, and shows a change of line ends alone', () => {
    assert.match(unifiedDiff('/etc/x', 'a', 'a\n'), /^-a\n\\ No newline at end of file\n\+a$/m);
    assert.match(unifiedDiff('/etc/x', 'a\r\n', 'a\n'), /^-a\r\n\+a$/m);
  });

  it('turns the one text into the other when it is applied', () => {
    const text = fc.array(
      fc.constantFrom('a\n', 'b\n', 'c\r\n', '\n', '--- x\n', '@@ -1,1 +1,1 @@\n', 'end'),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(text, text, (a, b) => {
        const [before, after] = [a.join(''), b.join('')];
        const diff = unifiedDiff('/etc/x', before, after);
        assert.equal(
          diff === '' ? before : applyPatch(before, diff, { autoConvertLineEndings: false }),
          after,
        );
      }),
    );
  });
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { unifiedDiff } from '../../../src/core/diff.ts';
import { splitRows, type SplitRow } from '../../../src/http/view/split.ts';

const shown = ({ place, before, after }: SplitRow): string =>
  place || `${before.number}${before.text} | ${after.number}${after.text}`;

describe('a diff side by side', () => {
  it('puts what replaces a line beside it, with the number of each in its file', () => {
    const diff = unifiedDiff('/f', 'a\nb\nc\nd\n', 'a\nB\nC\nextra\nd\n');
    assert.deepEqual(splitRows(diff).map(shown), [
      'From line 1 on',
      '1 a | 1 a',
      '2-b | 2+B',
      '3-c | 3+C',
      ' | 4+extra',
      '4 d | 5 d',
    ]);
  });

  it('takes a line that begins with signs for what it is', () => {
    const diff = unifiedDiff('/f', '-- old\n', '++ new\n');
    assert.deepEqual(splitRows(diff).map(shown), ['From line 1 on', '1--- old | 1+++ new']);
  });

  it('has nothing to show where nothing changes', () => assert.deepEqual(splitRows(''), []));

  it('loses no changed line and invents none', () => {
    const text = fc.array(fc.constantFrom('a', 'b', '-', '+ c', '@', '')).map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(text, text, (before, after) => {
        const diff = unifiedDiff('/f', before, after);
        const first = diff.indexOf('\n@@');
        const lines = first === -1 ? [] : diff.slice(first + 1).split('\n');
        const rows = splitRows(diff);
        for (const [sign, side] of [
          ['-', 'before'],
          ['+', 'after'],
        ] as const) {
          const wanted = lines.filter((line) => line.startsWith(sign));
          const found = rows.map((row) => row[side].text).filter((line) => line.startsWith(sign));
          assert.deepEqual(found, wanted);
        }
      }),
    );
  });
});

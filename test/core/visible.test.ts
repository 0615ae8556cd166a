import assert from 'node:assert/strict';
import { allVisible, visible } from '../../src/core/visible.ts';

describe('a text from the machine', () => {
  it('shows what a terminal or a browser would obey, and all else as it is', () => {
    const rows: readonly (readonly [text: string, shown: string])[] = [
      ['größe 🦆 <b>&\t1\n2', 'größe 🦆 <b>&\t1\n2'],
      ['\x1b]0;owned\x07', '\\x1b]0;owned\\x07'],
      ['a\0b\rc\x7f\x9b', 'a\\x00b\\x0dc\\x7f\\x9b'],
      ['\u202egpj.exe\u2066\u200b', '\\u202egpj.exe\\u2066\\u200b'],
      ['\u2028\u2029\ufeff', '\\u2028\\u2029\\ufeff'],
      ['half \ud83e of a pair', 'half \\ud83e of a pair'],
      ['\u{e0041}', '\\u{e0041}'],
    ];
    for (const [text, shown] of rows) assert.equal(visible(text), shown);
  });

  it('is made visible wherever it stands in a document', () => {
    const document = { a: ['\0', { b: '\x1b' }], c: 7, d: null, e: true, f: undefined };
    assert.deepEqual(allVisible(document), { ...document, a: ['\\x00', { b: '\\x1b' }] });
  });
});

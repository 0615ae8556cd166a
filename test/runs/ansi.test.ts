import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createAnsiReader, type AnsiPiece } from '../../src/runs/ansi.ts';

function pieces(...chunks: string[]): AnsiPiece[] {
  const reader = createAnsiReader();
  return chunks.flatMap((chunk) => reader.push(chunk));
}

/** What is shown, with styles as `<classes>` before the text they hold for. */
function shown(...chunks: string[]): string {
  return pieces(...chunks)
    .map((piece) => {
      if (piece.do !== 'text') return piece.do === 'newline' ? '\n' : '\r';
      return (piece.span.classes ? `<${piece.span.classes}>` : '') + piece.span.text;
    })
    .join('');
}

describe('terminal output', () => {
  it('keeps colour and weight as classes', () => {
    assert.equal(shown('\x1b[31mred\x1b[0m plain'), '<ansi-red>red plain');
    assert.equal(
      shown('\x1b[1;4;97;44mx\x1b[22;24;39;49my'),
      '<ansi-bold ansi-underline ansi-bright-white ansi-on-blue>xy',
    );
    assert.equal(shown('\x1b[2;3mx\x1b[23my'), '<ansi-dim ansi-italic>x<ansi-dim>y');
    assert.equal(shown('\x1b[38;5;9mx\x1b[mz'), '<ansi-bright-red>xz');
    assert.equal(shown('\x1b[105mx'), '<ansi-on-bright-magenta>x');
  });

  it('takes the numbers of colours without a class as part of them', () => {
    assert.equal(shown('\x1b[38;2;1;4;31mx'), 'x');
    assert.equal(shown('\x1b[38;5;200;1mx'), '<ansi-bold>x');
  });

  it('shows nothing of titles, links, clipboard, cursor moves, screen clears and bells', () => {
    const hostile = [
      '\x1b]0;owned\x07',
      '\x1b]0;owned\x1b\\',
      '\x1b]52;c;ZXZpbA==\x07',
      '\x1b]8;;https://evil.example\x07',
      '\x1bPq#0\x1b\\',
      '\x1b_hidden\x1b\\',
      '\x1b[2J',
      '\x1b[10;10H',
      '\x1b[?1049h',
      '\x1b[1A\x1b[2K',
      '\x1b(B',
      '\x1bc',
      '\x1b[>4;1m',
      '\x00\x07\x08\x7f\x9b\x90',
    ];
    for (const text of hostile) assert.equal(shown(`a${text}b`), 'ab', JSON.stringify(text));
  });

  it('loses no line to an escape that never ends', () => {
    assert.equal(shown('\x1b]0;title\nnext line\n'), '\nnext line\n');
    assert.equal(shown('\x1b[12\nnext'), '12\nnext');
    assert.equal(shown('\x1b]0;' + 'x'.repeat(5000), '\nnext'), '\nnext');
  });

  it('marks letters that would reorder or hide the text around them', () => {
    assert.equal(shown('a\u202eb\u2066c\ufeffd'), 'a\ufffdb\ufffdc\ufffdd');
    assert.equal(shown('a\u061cb\u00adc\u{e0041}d\u2029e'), 'a\ufffdb\ufffdc\ufffdd\ufffde');
  });

  it('tells a line’s end from a return to its beginning', () => {
    assert.equal(shown('a\r\nb\nc\rd\te'), 'a\nb\nc\rd\te');
    assert.equal(shown('a\r', '\nb'), 'a\nb');
  });

  it('reads the same however it is cut', () => {
    const word = fc.constantFrom(
      '\x1b[31m',
      '\x1b]0;t\x07',
      '\r',
      '\n',
      'é',
      '🦆',
      'x',
      ' ',
      '\x1b',
      '[',
      '\x00',
      '\x1b[0m',
      'm',
    );
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: 20 }),
        fc.array(fc.nat(80), { maxLength: 6 }),
        (words, places) => {
          const text = words.join('');
          const ends = [...places.map((place) => place % (text.length + 1)), text.length].sort(
            (a, b) => a - b,
          );
          const cut = ends.map((end, index) => text.slice(ends[index - 1] ?? 0, end));
          const whole = shown(text + '\n').replaceAll(/<[^>]*>/g, '');
          assert.equal(shown(...cut, '\n').replaceAll(/<[^>]*>/g, ''), whole);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('reads a line of a megabyte and a million escapes in linear time', () => {
    const began = performance.now();
    assert.equal(shown('x'.repeat(1_000_000)).length, 1_000_000);
    shown('\x1b[1m\x1b]0;'.repeat(500_000));
    const reader = createAnsiReader();
    for (let i = 0; i < 20_000; i++) reader.push('\x1b]' + 'y'.repeat(50));
    assert.ok(performance.now() - began < 5000);
  });
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Problem } from '../../../src/core/problem.ts';
import { mergeRanges, type PortRange } from '../../../src/core/range.ts';
import { addRange, removeToken, tokenOf } from '../../../src/firewall/csf/conf.ts';

const port = fc.integer({ min: 1, max: 65535 });
const range = fc
  .tuple(port, port)
  .map(([a, b]): PortRange => (a < b ? [a, b] : [b, a]))
  .filter(([low, high]) => low < high);

const item = fc.oneof(port.map(String), range.map(tokenOf), fc.constantFrom('', ' ', '\t'));
const blanks = fc.constantFrom('', ' ', '\t', '  ');
const padded = fc.tuple(blanks, item, blanks).map((parts) => parts.join(''));
const comment = fc
  .tuple(blanks, fc.constantFrom('', '#', '# why = 1,2', '#é—\u2028'))
  .map((parts) => parts.join(''));

/** The line of a list, in every way of writing it that CSF loads and that can be edited safely. */
const listLine = fc
  .tuple(blanks, blanks, blanks, fc.array(padded, { maxLength: 8 }), comment)
  .map(
    ([before, left, right, items, after]) => `${before}TCP_IN${left}=${right}"${items.join(',')}"${after}`,
  );

const otherLine = fc.constantFrom(
  ...['', '  ', '# TCP_IN = "1-2"', '#', 'words only', '\u00a0', 'TESTING="0"', 'UDP_IN = "53, 1:2"'],
  ...[
    'UI_PASS = "a " quoted # "é" ',
    'MY_TCP_IN = "ftp"',
    'TCP_INX = "9-1"',
    'TCP6_IN = "2:1"',
    '\tDROP = "=#"',
  ],
);

interface Written {
  readonly text: string;
}

/** A conf that CSF loads, in LF or CRLF or both, with or without a newline at its end. */
const conf: fc.Arbitrary<Written> = fc
  .tuple(
    fc.uniqueArray(otherLine, { maxLength: 12 }),
    listLine,
    fc.nat(),
    fc.array(fc.constantFrom('\n', '\r\n'), { minLength: 13, maxLength: 13 }),
    fc.boolean(),
  )
  .map(([others, list, at, ends, closed]) => {
    const lines = others.toSpliced(at % (others.length + 1), 0, list);
    const text = lines.map((line, index) => `${line}${ends[index] ?? '\n'}`).join('');
    return { text: closed ? text : text.replace(/\r?\n$/, '') };
  });

/** What CSF takes from a conf, told again from the facts: null where it would refuse the file or fail open. */
function asCsfDoes(text: string, key: string): PortRange[] | null {
  const seen = new Map<string, string>();
  for (const raw of text.split('\n')) {
    const line = raw.replaceAll('\r', '').replace(/^[ \t\f\v]+|[ \t\f\v]+$/g, '');
    if (line === '' || line.startsWith('#') || !line.includes('=')) continue;
    const name = line.slice(0, line.indexOf('=')).replace(/[ \t\f\v]+$/, '');
    const rest = line.slice(line.indexOf('=') + 1);
    if (seen.has(name) || rest.indexOf('"') === rest.lastIndexOf('"')) return null;
    seen.set(name, rest.slice(rest.indexOf('"') + 1, rest.lastIndexOf('"')));
  }
  const list = seen.get(key);
  if (list === undefined) return null;
  const items = list
    .replace(/[ \t\r\n\f\v]/g, '')
    .split(',')
    .filter((each) => each !== '');
  if (items.some((each) => !/^[\d:]*$/.test(each))) return null;
  const spans = items.map((each): PortRange => {
    const [low = '', high = low] = each.split(':');
    return [Number(low === '' ? 0 : low), Number(high === '' ? 65535 : high)];
  });
  const loads = items.every((each) => each.split(':').length <= 2 && !/(^|:)0\d/.test(each));
  return loads && spans.every(([low, high]) => low <= high && high <= 65535) ? mergeRanges(spans) : null;
}

describe('any csf.conf', () => {
  it('gets nothing but the item, in one place, and loses nothing else when it is taken out again', () => {
    fc.assert(
      fc.property(conf, range, ({ text }, wanted) => {
        const after = addRange(text, 'TCP_IN', wanted);
        if (after === text) return;
        const token = tokenOf(wanted);
        const put = after.length - text.length;
        assert.ok(put === token.length || put === token.length + 1);
        let at = 0;
        while (at < text.length && text[at] === after[at]) at += 1;
        assert.equal(after.slice(0, at) + after.slice(at + put), text);
        assert.equal(removeToken(after, 'TCP_IN', token), text);
      }),
      { numRuns: 500 },
    );
  });

  it('lets in what it let in before and the range, and no more, as CSF reads it', () => {
    fc.assert(
      fc.property(conf, range, ({ text }, wanted) => {
        const before = asCsfDoes(text, 'TCP_IN');
        assert.ok(before);
        const after = addRange(text, 'TCP_IN', wanted);
        assert.deepEqual(asCsfDoes(after, 'TCP_IN'), mergeRanges([...before, wanted]));
        assert.equal(addRange(after, 'TCP_IN', wanted), after);
      }),
      { numRuns: 500 },
    );
  });

  it('is refused, or loads: whatever stands in it, the edit makes nothing of it on which CSF would fail', () => {
    const scraps = fc.array(
      fc.constantFrom(
        ...[
          'TCP_IN',
          ' = ',
          '=',
          '"',
          '"20,21"',
          ',',
          '49152-65534',
          '9:1',
          '70000',
          '#',
          '\n',
          '\r',
          '\t',
          '\f',
        ],
        ...['\u00a0', '\ufeff', '\u2028', 'é', 'TCP_IN = "20', '"\n', 'A = "1"\n', ':', '080', '443', ' '],
      ),
      { maxLength: 3 },
    );
    const torn = fc
      .tuple(
        scraps,
        fc.constant('\nTCP_IN = "21'),
        scraps,
        fc.constant('"'),
        scraps,
        fc.constant('\n'),
        scraps,
      )
      .map((parts) => parts.flat().join(''));
    let edited = 0;
    fc.assert(
      fc.property(torn, range, (text, wanted) => {
        try {
          const after = addRange(text, 'TCP_IN', wanted);
          assert.deepEqual(
            asCsfDoes(after, 'TCP_IN'),
            mergeRanges([...(asCsfDoes(text, 'TCP_IN') ?? [[-1, -1]]), wanted]),
          );
          edited += 1;
        } catch (problem) {
          if (!(problem instanceof Problem)) throw problem;
          assert.equal(problem.code, 'invalid');
        }
      }),
      { numRuns: 3000 },
    );
    assert.ok(edited > 100, String(edited));
  });
});

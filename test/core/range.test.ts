import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  coversRange,
  DEFAULT_RANGE,
  formatRange,
  mergeRanges,
  parsePorts,
  parseRange,
  sameRange,
  subtractRanges,
  type PortRange,
} from '../../src/core/range.ts';
import { refusal } from './refusal.ts';

const RIGHT = 'write LOW-HIGH with ports from 1024 to 65535, like 49152-65534';

describe('passive range', () => {
  it('is 49152 to 65534 by default', () => {
    assert.deepEqual(DEFAULT_RANGE, [49152, 65534]);
  });

  it('is read as firewalls and FTP servers write it', () => {
    for (const text of ['49152-65534', '49152:65534', '49152 65534', ' 49152 - 65534 ', '49152  65534']) {
      assert.deepEqual(parseRange(text), [49152, 65534], text);
    }
    assert.deepEqual(parseRange('1024-65535'), [1024, 65535]);
  });

  it('is refused with one sentence that says what is wrong and what is right', () => {
    const refusals: [string, string][] = [
      ['70000-80000', `Port 70000 is above 65535: ${RIGHT}.`],
      ['50000-65536', `Port 65536 is above 65535: ${RIGHT}.`],
      ['60000-50000', 'The range 60000-50000 is reversed: write 50000-60000.'],
      ['1-2', `Port 1 is below 1024: ${RIGHT}.`],
      ['1023-2000', `Port 1023 is below 1024: ${RIGHT}.`],
      ['50000-50000', `The range 50000-50000 has only one port: ${RIGHT}.`],
    ];
    for (const [text, message] of refusals) assert.throws(() => parseRange(text), refusal(message));
    const noRanges = [
      '',
      'passive',
      '50000',
      '50000-',
      '-50000',
      '1-2-3',
      '5e4-6e4',
      '50000,60000',
      '50000.5-60000',
      '+50000-60000',
      '50000-9999999999',
    ];
    for (const text of noRanges) {
      assert.throws(() => parseRange(text), refusal(`The range "${text}" is not two ports: ${RIGHT}.`));
    }
  });

  it('is read back from every syntax it is written in', () => {
    const passive = fc
      .tuple(fc.integer({ min: 1024, max: 65534 }), fc.integer({ min: 1, max: 64511 }))
      .map(([low, more]): PortRange => [low, Math.min(low + more, 65535)]);
    fc.assert(
      fc.property(
        passive,
        fc.constantFrom('dash' as const, 'colon' as const, 'space' as const),
        (range, syntax) => {
          assert.deepEqual(parseRange(formatRange(range, syntax)), range);
        },
      ),
    );
  });

  it('is written in the syntax of each tool', () => {
    assert.equal(formatRange([1, 2]), '1-2');
    assert.equal(formatRange([1, 2], 'dash'), '1-2');
    assert.equal(formatRange([1, 2], 'colon'), '1:2');
    assert.equal(formatRange([1, 2], 'space'), '1 2');
    assert.equal(formatRange([21, 21], 'colon'), '21');
  });
});

describe('asked ports', () => {
  const right = 'write PORT or LOW-HIGH with ports from 1 to 65535';

  it('are one port or a range of any ports', () => {
    assert.deepEqual(parsePorts('21'), [21, 21]);
    assert.deepEqual(parsePorts('1-65535'), [1, 65535]);
    assert.deepEqual(parsePorts('50000-50000'), [50000, 50000]);
  });

  it('are refused with one sentence that says what is wrong and what is right', () => {
    assert.throws(() => parsePorts('0'), refusal(`"0" is outside 1 to 65535: ${right}.`));
    assert.throws(() => parsePorts('1-65536'), refusal(`"1-65536" is outside 1 to 65535: ${right}.`));
    assert.throws(() => parsePorts('22-21'), refusal('The range 22-21 is reversed: write 21-22.'));
    for (const text of ['', 'ftp', '21:22', '21 22', ' 21', '-21']) {
      assert.throws(
        () => parsePorts(text),
        refusal(`"${text}" is not a port or a range of ports: ${right}.`),
      );
    }
  });
});

describe('range arithmetic', () => {
  /** Few ports, so that ranges touch, overlap and nest often; the top ones are the last that exist. */
  const range = fc
    .tuple(fc.integer({ min: 65500, max: 65535 }), fc.integer({ min: 65500, max: 65535 }))
    .map(([a, b]): PortRange => (a < b ? [a, b] : [b, a]));
  const ranges = fc.array(range, { maxLength: 8 });
  const portsOf = (some: readonly PortRange[]): Set<number> =>
    new Set(some.flatMap(([low, high]) => Array.from({ length: high - low + 1 }, (_, at) => low + at)));
  const sorted = (ports: Iterable<number>): number[] => [...ports].sort((a, b) => a - b);

  it('merges to the same ports, in order, with a gap between any two', () => {
    fc.assert(
      fc.property(ranges, (some) => {
        const merged = mergeRanges(some);
        assert.deepEqual(sorted(portsOf(merged)), sorted(portsOf(some)));
        for (const [at, [low, high]] of merged.entries()) {
          assert.ok(low <= high);
          assert.ok(low > (merged[at - 1]?.[1] ?? 0) + 1);
        }
      }),
    );
  });

  it('leaves the given ranges as they were', () => {
    const given: PortRange[] = [
      [5, 9],
      [1, 6],
    ];
    assert.deepEqual(mergeRanges(given), [[1, 9]]);
    assert.deepEqual(given, [
      [5, 9],
      [1, 6],
    ]);
  });

  it('subtracts to exactly the ports that no hole has', () => {
    fc.assert(
      fc.property(range, ranges, (whole, holes) => {
        const left = subtractRanges(whole, holes);
        const gone = portsOf(holes);
        assert.deepEqual(
          sorted(portsOf(left)),
          sorted(portsOf([whole])).filter((port) => !gone.has(port)),
        );
        assert.deepEqual(left, mergeRanges(left));
      }),
    );
  });

  it('covers when every port is in some range', () => {
    fc.assert(
      fc.property(ranges, range, (some, wanted) => {
        const have = portsOf(some);
        assert.equal(
          coversRange(some, wanted),
          sorted(portsOf([wanted])).every((port) => have.has(port)),
        );
      }),
    );
    assert.equal(
      coversRange(
        [
          [49152, 60000],
          [60001, 65534],
        ],
        DEFAULT_RANGE,
      ),
      true,
    );
    assert.equal(
      coversRange(
        [
          [49152, 60000],
          [60002, 65534],
        ],
        DEFAULT_RANGE,
      ),
      false,
    );
    assert.equal(coversRange([], DEFAULT_RANGE), false);
  });

  it('calls ranges the same by their ports, and two missing ones too', () => {
    assert.equal(sameRange([1, 2], [1, 2]), true);
    assert.equal(sameRange([1, 2], [1, 3]), false);
    assert.equal(sameRange([1, 2], [0, 2]), false);
    assert.equal(sameRange(null, null), true);
    assert.equal(sameRange(null, [1, 2]), false);
    assert.equal(sameRange([1, 2], null), false);
  });
});

import assert from 'node:assert/strict';
import { judge, median, openSeries } from '../../bench/stream/figures.ts';
import { markdownTable, short } from '../../bench/stream/table.ts';

describe('a figure of the benchmark', () => {
  const beside = { name: 'limit', values: [10, 20, 40] };
  const figure = { title: 'Lines', unit: 'MB/s', own: [9, 10, 20], beside, by: 'ratio' } as const;

  it('is compared round by round, and its median is held against the target', () => {
    const verdict = { median: 0.5, least: 0.5, most: 0.9 };
    assert.deepEqual(judge(figure), { ...verdict, met: null });
    assert.deepEqual(judge({ ...figure, target: { atLeast: 0.5 } }), { ...verdict, met: true });
    assert.deepEqual(judge({ ...figure, target: { atLeast: 0.51 } }), { ...verdict, met: false });
    assert.deepEqual(judge({ ...figure, target: { atMost: 0.5 } }), { ...verdict, met: true });
    assert.deepEqual(judge({ ...figure, target: { atMost: 0.49 } }), { ...verdict, met: false });
  });

  it('may be a difference, or stand alone', () => {
    assert.deepEqual(judge({ ...figure, by: 'difference' }), {
      median: -10,
      least: -20,
      most: -1,
      met: null,
    });
    assert.deepEqual(judge({ ...figure, by: 'value' }), { median: 10, least: 9, most: 20, met: null });
  });

  it('with fewer rounds on the other side is refused', () => {
    assert.throws(() => judge({ ...figure, beside: { name: 'limit', values: [10] } }));
  });

  it('that was never measured is refused', () => {
    const series = openSeries();
    series.add('a', 1);
    series.add('a', 2);
    assert.deepEqual(series.of('a'), [1, 2]);
    assert.throws(() => series.of('b'), /"b" was never measured/);
  });

  it('has the mean of the two in the middle for its median where they are even', () => {
    assert.equal(median([4, 1, 3, 2]), 2.5);
    assert.equal(median([3, 1, 2]), 2);
    assert.throws(() => median([]));
  });

  it('is a line of a table that says whether its target is met', () => {
    const met = markdownTable([{ ...figure, target: { atLeast: 0.5 } }]);
    assert.equal(
      met.split('\n')[2],
      '| Lines | 10 MB/s | limit 20 MB/s | × 0.5 (0.5 to 0.9) | at least 0.5 | met |',
    );
    const missed = markdownTable([{ ...figure, by: 'difference', target: { atMost: -11 } }]);
    assert.match(missed, /\| -10 MB\/s \(-20 to -1\) \| at most -11 \| \*\*missed\*\* \|\n$/);
  });

  it('is shown with three digits that count', () => {
    assert.deepEqual([0.123456, 12.3456, 1234.56, 0].map(short), ['0.123', '12.3', '1235', '0']);
  });
});

import assert from 'node:assert/strict';
import { burstOf, burstSizes } from '../../bench/stream/bursts.ts';
import { openHearing } from '../../bench/stream/hearing.ts';

describe('what a follower of the benchmark hears', () => {
  it('is timed by what the program says, however it is cut', () => {
    const lines: string[] = [];
    const hearing = openHearing((line) => lines.push(line));
    hearing.take('# /bin/flood\r\nsta', 900);
    hearing.take('rt 1000\r\nline one\r\nat 1500000\r\nli', 2_500_000);
    hearing.take('ne two\r\nend 3000000\r\n', 4_000_000);
    hearing.take('', 9_000_000);
    assert.deepEqual(lines, ['line one\r', 'line two\r']);
    assert.deepEqual(hearing.heard(), {
      start: 1000,
      end: 3_000_000,
      last: 4_000_000,
      characters: 20,
      delays: [1],
    });
  });

  it('has no end where that line never came', () => {
    const hearing = openHearing(() => undefined);
    hearing.take('start 5\r\nline', 7);
    assert.deepEqual(hearing.heard(), { start: 5, end: null, last: 7, characters: 0, delays: [] });
  });

  it('of a fast command is known to the byte', () => {
    assert.equal(burstOf(20), '0 and more\r\n1 and mor');
    assert.deepEqual(burstSizes(5), [100, 4000, 12_000, 30_000, 100]);
  });
});

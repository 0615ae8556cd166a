import assert from 'node:assert/strict';
import fc from 'fast-check';
import { openRecent } from '../../src/runs/recent.ts';

/** Bytes that are kept. */
const MOST = 500_000;
const bytesOf = (text: string): Buffer => Buffer.from(text);

describe('the last bytes of a recording', () => {
  it('give what comes after an offset, and nothing at the end', () => {
    const recent = openRecent();
    recent.add({ offset: 10, bytes: bytesOf('abc') }, MOST);
    recent.add({ offset: 13, bytes: bytesOf('de') }, MOST);
    assert.equal(Buffer.from(recent.since(10) ?? []).toString(), 'abcde');
    assert.equal(Buffer.from(recent.since(12) ?? []).toString(), 'cde');
    assert.equal(recent.since(15)?.length, 0);
  });

  it('have nothing from before them, and nothing from beyond', () => {
    const recent = openRecent();
    assert.equal(recent.since(0), null);
    recent.add({ offset: 10, bytes: bytesOf('abc') }, MOST);
    assert.equal(recent.since(9), null);
    assert.equal(recent.since(14), null);
  });

  it('are the same object for everybody who asks the same', () => {
    const recent = openRecent();
    recent.add({ offset: 0, bytes: bytesOf('ab') }, MOST);
    recent.add({ offset: 2, bytes: bytesOf('cd') }, MOST);
    const first = recent.since(1);
    assert.equal(recent.since(1), first);
    recent.add({ offset: 4, bytes: bytesOf('e') }, MOST);
    assert.equal(Buffer.from(recent.since(1) ?? []).toString(), 'bcde');
  });

  it('begin anew where something is missing between', () => {
    const recent = openRecent();
    recent.add({ offset: 0, bytes: bytesOf('ab') }, MOST);
    recent.add({ offset: 3, bytes: bytesOf('d') }, MOST);
    assert.equal(recent.since(0), null);
    assert.equal(recent.since(2), null);
    assert.equal(Buffer.from(recent.since(3) ?? []).toString(), 'd');
  });

  it('are never many, and always right', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 200_000 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(sizes, fc.nat(), (lengths, ask) => {
        const recent = openRecent();
        const whole = Buffer.alloc(lengths.reduce((sum, each) => sum + each, 0));
        for (let at = 0; at < whole.length; at++) whole[at] = at % 251;
        let end = 0;
        for (const length of lengths) {
          recent.add({ offset: end, bytes: whole.subarray(end, end + length) }, MOST);
          end += length;
        }
        const offset = ask % (end + 1);
        const found = recent.since(offset);
        if (found === null) assert.ok(end - offset > MOST, `${end - offset} bytes are not there any more`);
        else assert.ok(whole.subarray(offset).equals(found));
        if (end > MOST + 200_000) assert.equal(recent.since(0), null);
      }),
      { numRuns: 60 },
    );
  });
});

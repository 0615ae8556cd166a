import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { openDecoding } from '../../src/runs/decoding.ts';

describe('text that comes in pieces', () => {
  /** Mostly pieces of characters, so that they are cut, joined and broken. */
  const bytes = fc.uint8Array({ maxLength: 40 }).chain((noise) =>
    fc.array(
      fc.oneof(
        fc.constant(noise),
        fc.string({ unit: 'binary', maxLength: 6 }).map((text) => new TextEncoder().encode(text)),
        fc.constantFrom([0xe2, 0x82], [0xf0, 0x9f, 0x98], [0xc3], [0x80], [0xff], [0xed, 0xa0], [0xf4, 0x90]),
      ),
      { maxLength: 20 },
    ),
  );

  it('is read as a decoder of the platform reads the whole, wherever it is cut and whatever it is', () => {
    fc.assert(
      fc.property(bytes, fc.array(fc.nat({ max: 5 }), { maxLength: 60 }), (parts, cuts) => {
        const whole = Buffer.concat(parts.map((part) => Buffer.from(part)));
        const decoding = openDecoding();
        let rest = whole;
        const read: Buffer[] = [];
        const take = (bytes: Buffer): void => void read.push(Buffer.from(bytes));
        for (const cut of cuts) {
          take(decoding.push(rest.subarray(0, cut)));
          rest = rest.subarray(cut);
        }
        take(decoding.push(rest));
        take(decoding.end());
        assert.equal(
          Buffer.concat(read).toString(),
          new TextDecoder('utf-8', { ignoreBOM: true }).decode(whole),
        );
      }),
      { numRuns: 1000 },
    );
  });

  it('keeps a character back until it is whole', () => {
    const decoding = openDecoding();
    const [first, ...others] = Buffer.from('😀');
    assert.equal(decoding.push(Buffer.from([0x61, first ?? 0])).toString(), 'a');
    assert.equal(decoding.push(Buffer.from(others.slice(0, 2))).length, 0);
    assert.equal(decoding.push(Buffer.from(others.slice(2))).toString(), '😀');
    assert.equal(decoding.end().length, 0);
  });

  it('does not mind that the place of what it has read is used again', () => {
    const decoding = openDecoding();
    const place = Buffer.from([0xe2, 0x82]);
    decoding.push(place);
    place.fill(0x61);
    assert.equal(decoding.push(Buffer.from([0xac])).toString(), '€');
  });

  it('gives back whole characters only', () => {
    fc.assert(
      fc.property(bytes, fc.nat({ max: 40 }), (parts, place) => {
        const decoding = openDecoding();
        const whole = Buffer.concat(parts.map((part) => Buffer.from(part)));
        for (const piece of [whole.subarray(0, place), whole.subarray(place)])
          assert.ok(isUtf8(decoding.push(piece)));
        assert.ok(isUtf8(decoding.end()));
      }),
      { numRuns: 500 },
    );
  });

  it('makes no copy of what is whole', () => {
    const text = Buffer.from('whole');
    const read = openDecoding().push(text);
    assert.equal(read.buffer, text.buffer);
    assert.equal(read.byteOffset, text.byteOffset);
  });
});

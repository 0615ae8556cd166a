import { isUtf8 } from 'node:buffer';

/** Reads UTF-8 that is cut anywhere. What is given back is whole characters, in the bytes' own place where it can be. */
export interface Decoding {
  /** The characters that are whole now, in UTF-8. What is none becomes U+FFFD. */
  push(bytes: Uint8Array): Buffer;
  /** Half a character that has no other half. */
  end(): Buffer;
}

/** What TextDecoder does for a stream, without making strings: output is checked, and goes on as it came. */
export function openDecoding(): Decoding {
  let half: Buffer = Buffer.alloc(0);
  return {
    push(bytes) {
      const all =
        half.length > 0
          ? Buffer.concat([half, bytes])
          : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      const cut = wholeAt(all, all.length);
      if (half.length === 0 && cut === all.length) return mended(all);
      // A copy: whoever gave the bytes may use their place again.
      half = Buffer.from(all.subarray(cut));
      return mended(all.subarray(0, cut));
    },
    end() {
      const rest = mended(half);
      half = Buffer.alloc(0);
      return rest;
    },
  };
}

const mended = (bytes: Buffer): Buffer => (isUtf8(bytes) ? bytes : Buffer.from(bytes.toString('utf8')));

/** The last place up to this one where a character ends: at most three bytes before it. */
export function wholeAt(bytes: Uint8Array, place: number): number {
  for (let back = 1; back <= Math.min(3, place); back++) {
    const byte = bytes[place - back] ?? 0;
    if (byte < 0x80) return place;
    if (byte >= 0xc0) return lengthOf(byte) > back ? place - back : place;
  }
  return place;
}

/** Of the character that this first byte begins (RFC 3629). */
function lengthOf(first: number): number {
  if (first >= 0xf0) return 4;
  return first >= 0xe0 ? 3 : 2;
}

/** Fin, and the code of a binary message (RFC 6455, 5.2). */
const WHOLE_BINARY = 0x82;
/** Lengths up to this stand in the second byte; above it that says how many bytes hold the length. */
const SHORT = 125;
const IN_TWO_BYTES = 126;
const IN_EIGHT_BYTES = 127;

/** A binary WebSocket message in one frame, as a server sends it: not masked (RFC 6455, 5.2). */
export function frameOf(bytes: Uint8Array): Buffer {
  return Buffer.concat([headOf(bytes.length), bytes]);
}

function headOf(length: number): Buffer {
  if (length <= SHORT) return Buffer.from([WHOLE_BINARY, length]);
  if (length <= 0xffff) return Buffer.from([WHOLE_BINARY, IN_TWO_BYTES, length >> 8, length & 0xff]);
  const head = Buffer.from([WHOLE_BINARY, IN_EIGHT_BYTES, 0, 0, 0, 0, 0, 0, 0, 0]);
  head.writeUIntBE(length, 4, 6);
  return head;
}

/**
 * The same, made once for followers who get the same bytes one after the other: ws makes a frame for each of them, of
 * two pieces, which TLS then copies into one for each of them.
 */
export function openFrames(): (bytes: Uint8Array) => Buffer {
  let last: { readonly bytes: Uint8Array; readonly frame: Buffer } | null = null;
  return (bytes) => {
    if (last?.bytes !== bytes) last = { bytes, frame: frameOf(bytes) };
    return last.frame;
  };
}

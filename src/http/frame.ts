import { constants, deflateRawSync } from 'node:zlib';

/** Fin, and the code of a binary message (RFC 6455, 5.2). */
const WHOLE_BINARY = 0x82;
/** The same of a message that is packed (RFC 7692, 6). */
const PACKED = 0x40;
/** Lengths up to this stand in the second byte; above it that says how many bytes hold the length. */
const SHORT = 125;
const IN_TWO_BYTES = 126;
const IN_EIGHT_BYTES = 127;

/** Fewer bytes cost little to send. */
const WORTH_PACKING_BYTES = 16 * 1024;
/** What a packed message leaves out at its end: 00 00 ff ff (RFC 7692, 7.2.1). */
const FLUSH_BYTES = 4;

/**
 * What is agreed with a peer that can read packed messages: each by itself and in zlib's own window, so that what is
 * packed for one is right for all (RFC 7692, 7.1).
 */
export const PACKING = {
  serverNoContextTakeover: true,
  serverMaxWindowBits: constants.Z_MAX_WINDOWBITS,
  clientNoContextTakeover: true,
};

/** All others that are made on WebKit name one of these too. */
const OTHERS = /Chrome\/|Chromium\//;

/**
 * Whether a peer that offers to read packed messages is to be taken at its word: Safari offers it, and versions of it
 * have lost bytes (reported of 15 to 17); and a window smaller than what is packed here is none that we can promise.
 */
export function mayPack({
  'user-agent': browser = '',
  'sec-websocket-extensions': offer = '',
}: Offer): boolean {
  const isSafari = browser.includes('AppleWebKit/') && !OTHERS.test(browser);
  return !isSafari && !offer.includes('server_max_window_bits');
}

/** What of a request tells it. */
interface Offer {
  readonly 'user-agent'?: string | undefined;
  readonly 'sec-websocket-extensions'?: string | undefined;
}

/** A binary WebSocket message in one frame, as a server sends it: not masked (RFC 6455, 5.2). */
export function frameOf(bytes: Uint8Array): Buffer {
  return Buffer.concat([headOf(WHOLE_BINARY, bytes.length), bytes]);
}

/** The same packed by itself, for a peer that has agreed to PACKING. */
export function packedFrameOf(bytes: Uint8Array): Buffer {
  const packed = deflateRawSync(bytes, {
    level: constants.Z_BEST_SPEED,
    finishFlush: constants.Z_SYNC_FLUSH,
  });
  const length = packed.length - FLUSH_BYTES;
  return Buffer.concat([headOf(WHOLE_BINARY | PACKED, length), packed.subarray(0, length)]);
}

function headOf(first: number, length: number): Buffer {
  if (length <= SHORT) return Buffer.from([first, length]);
  if (length <= 0xffff) return Buffer.from([first, IN_TWO_BYTES, length >> 8, length & 0xff]);
  const head = Buffer.from([first, IN_EIGHT_BYTES, 0, 0, 0, 0, 0, 0, 0, 0]);
  head.writeUIntBE(length, 4, 6);
  return head;
}

/** Makes a frame of bytes. `packs`: where it is worth it, a packed one. */
export type Frames = (bytes: Uint8Array, packs: boolean) => Buffer;

/**
 * The same, made once for followers who get the same bytes one after the other: ws makes a frame for each of them, of
 * two pieces, which TLS then copies into one for each of them.
 */
export function openFrames(): Frames {
  let bytes: Uint8Array | null = null;
  let plain: Buffer | null = null;
  let packed: Buffer | null = null;
  return (wanted, packs) => {
    if (bytes !== wanted) [bytes, plain, packed] = [wanted, null, null];
    if (packs && wanted.length >= WORTH_PACKING_BYTES) return (packed ??= packedFrameOf(wanted));
    return (plain ??= frameOf(wanted));
  };
}

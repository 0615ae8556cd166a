import type { Piece } from './shelf.ts';

/** The last bytes of a recording that grows, so that a follower that keeps up need not read them from its file. */
export interface Recent {
  /** @param most bytes that are kept at hand, and the rest of the piece that they begin in */
  add(piece: Piece, most: number): void;
  /**
   * All from an offset on, empty at the end; the same object for everybody who asks the same. Null: that is not here.
   */
  since(offset: number): Uint8Array | null;
}

export function openRecent(): Recent {
  let pieces: Piece[] = [];
  let bytes = 0;
  let end = -1;
  let asked: Piece | null = null;
  return {
    add(piece, most) {
      if (piece.offset !== end) {
        pieces = [];
        bytes = 0;
      }
      pieces.push(piece);
      bytes += piece.bytes.length;
      end = piece.offset + piece.bytes.length;
      asked = null;
      for (let [oldest] = pieces; oldest && bytes - oldest.bytes.length >= most; [oldest] = pieces) {
        bytes -= oldest.bytes.length;
        pieces.shift();
      }
    },
    since(offset) {
      const start = end - bytes;
      if (offset < start || offset > end) return null;
      if (asked?.offset !== offset) asked = { offset, bytes: joined(pieces, offset) };
      return asked.bytes;
    },
  };
}

function joined(pieces: readonly Piece[], from: number): Uint8Array {
  const last = pieces.at(-1);
  if (last?.offset === from) return last.bytes;
  const wanted = pieces.flatMap(({ offset, bytes }) => {
    const rest = bytes.subarray(Math.max(0, from - offset));
    return rest.length > 0 ? [rest] : [];
  });
  return wanted.length === 1 ? (wanted[0] ?? Buffer.alloc(0)) : Buffer.concat(wanted);
}

import { readSync } from 'node:fs';

/** A terminal gives at most so many bytes at a read: what gives less is empty for now (Linux, n_tty). */
const TERMINAL_READ = 4095;
/** What one turn of the event loop takes at most, so that others get theirs. */
const TURN_BYTES = 64 * 1024;
/** Turns in a row with less than this between them are a flood. */
const FLOOD_GAP_MS = 1;
const FLOOD_TURNS = 8;
/**
 * In a flood the next bytes are waited for: a terminal wakes its reader for every line, and half of what reading
 * costs is the waking. A terminal holds at least 8 KiB, so that whoever writes is hardly ever held up by this.
 */
const WAIT_MS = 0.15;
/** How long others have to wait for their turn then. */
const LONGEST_TURN_MS = 2;

const place = Buffer.allocUnsafeSlow(TURN_BYTES);
const nobody = new Int32Array(new SharedArrayBuffer(4));

/**
 * @param terminal a descriptor that does not block
 * @returns what gives all that the terminal has now, after the first read that the event loop has done: its next one
 *   would be a turn later. The bytes are there until the next call.
 */
export function openTurns(terminal: number): (first: Buffer) => Buffer {
  let over = Number.NEGATIVE_INFINITY;
  let inARow = 0;

  const read = (at: number): number => {
    try {
      return readSync(terminal, place, at, TURN_BYTES - at, null);
    } catch {
      // Nothing more is there now; whatever else stands against it, the event loop meets too.
      return 0;
    }
  };
  return (first) => {
    const began = performance.now();
    inARow = began - over < FLOOD_GAP_MS ? inARow + 1 : 0;
    const flood = inARow > FLOOD_TURNS;
    let bytes = first;
    if (flood || first.length >= TERMINAL_READ) {
      let at = first.copy(place);
      for (let got = first.length; got > 0 && at + TERMINAL_READ <= TURN_BYTES; at += got) {
        if (got < TERMINAL_READ) {
          if (!flood || performance.now() - began > LONGEST_TURN_MS) break;
          Atomics.wait(nobody, 0, 0, WAIT_MS);
        }
        got = read(at);
      }
      bytes = place.subarray(0, at);
    }
    over = performance.now();
    return bytes;
  };
}

import { phrase } from '../core/phrase.ts';

/** What is kept of a program's output for the result when somebody hears all of it: its beginning and its end. */
const HEAD_BYTES = 256 * 1024;
const TAIL_BYTES = 256 * 1024;
/**
 * What is kept when nobody does: it is a list to be read whole. Lists of sets with every network of some countries
 * are several megabytes long, and half of one would make another firewall of it.
 */
const WHOLE_BYTES = 64 * 1024 * 1024;

export interface Kept {
  add(bytes: Buffer): void;
  /** How many bytes there were. */
  heard(): number;
  /** What is kept; where something is left out, a line says how much. */
  text(): string;
}

/** Keeps output in bounded memory, telling a listener all of it. */
export function keepOutput(onOutput?: (bytes: Uint8Array) => void): Kept {
  const most = onOutput === undefined ? WHOLE_BYTES : HEAD_BYTES;
  const head: Buffer[] = [];
  let room = most;
  let heard = 0;
  let ring: Buffer | null = null;
  let written = 0;

  function turn(bytes: Buffer): void {
    ring ??= Buffer.alloc(TAIL_BYTES);
    const last = bytes.subarray(Math.max(0, bytes.length - TAIL_BYTES));
    const at = (written + bytes.length - last.length) % TAIL_BYTES;
    const fits = last.copy(ring, at);
    last.copy(ring, 0, fits);
    written += bytes.length;
  }

  function tail(): Buffer {
    if (ring === null || written <= TAIL_BYTES) return ring?.subarray(0, written) ?? Buffer.alloc(0);
    const at = written % TAIL_BYTES;
    return Buffer.concat([ring.subarray(at), ring.subarray(0, at)]);
  }

  return {
    add(bytes) {
      onOutput?.(bytes);
      heard += bytes.length;
      const first = bytes.subarray(0, room);
      room -= first.length;
      // A copy: whoever gave the bytes may use their place again.
      if (first.length > 0) head.push(Buffer.from(first));
      if (first.length < bytes.length) turn(bytes.subarray(first.length));
    },
    heard: () => heard,
    text() {
      const left = Math.max(0, written - TAIL_BYTES);
      const gap = left === 0 ? '' : `\n${phrase`[${left} bytes are left out here]`}\n`;
      return left === 0
        ? Buffer.concat([...head, tail()]).toString('utf8')
        : `${Buffer.concat(head).toString('utf8')}${gap}${tail().toString('utf8')}`;
    },
  };
}

import { phrase } from '../core/phrase.ts';
import { openDecoding } from './decoding.ts';

/** Writes a run's recording: an asciicast v2 file, which is also the stream that followers read. */
export interface Recorder {
  output(bytes: Uint8Array): void;
  /** A line of the program's own. */
  say(line: string): void;
  marker(label: string): void;
  flush(): void;
}

/** Output that comes faster than this is written together. */
const TOGETHER_MS = 4;
const TOGETHER_CHARACTERS = 64 * 1024;
/** A recording does not grow beyond this but for its markers and the last words before each. */
const MOST_BYTES = 16 * 1024 * 1024;
const LAST_CHARACTERS = 16 * 1024;

/** Whatever colours were on when the text was cut, and out of an escape that was cut. */
const PLAIN = '\x1b\\\x1b[0m';

export interface RecordingSize {
  readonly columns: number;
  readonly rows: number;
}

/**
 * @param write appends text to the file, in order
 * @param elapsed milliseconds since any fixed moment
 * @param startedMs wall time of the start, for the header
 */
export function startRecording(
  write: (text: string) => void,
  elapsed: () => number,
  startedMs: number,
  size: RecordingSize,
): Recorder {
  const began = elapsed();
  const decoding = openDecoding();
  let pending = '';
  let timer: ReturnType<typeof setTimeout> | null = null;
  let lastWrite = Number.NEGATIVE_INFINITY;

  let written = 0;
  let full = false;
  let leftOut = 0;
  let last = '';

  const event = (code: 'o' | 'm', text: string): void => {
    const seconds = Number(((elapsed() - began) / 1000).toFixed(6));
    const line = `${JSON.stringify([seconds, code, text])}\n`;
    written += Buffer.byteLength(line);
    write(line);
  };
  /** Once the recording is full only the end of each command's output is kept: it says why that failed. */
  const keepLast = (text: string): void => {
    if (!full)
      event(
        'o',
        `${PLAIN}\r\n${phrase`# This recording is full: of each step only the last words are kept.`}\r\n`,
      );
    full = true;
    leftOut += Buffer.byteLength(text);
    last = (last + text).slice(-LAST_CHARACTERS);
  };
  const writeLast = (): void => {
    if (leftOut === 0) return;
    const bytes = leftOut - Buffer.byteLength(last);
    if (bytes > 0) event('o', `${PLAIN}\r\n${phrase`# ${bytes} bytes of output are left out here.`}\r\n`);
    event('o', last);
    last = '';
    leftOut = 0;
  };
  const flush = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (pending === '') return;
    lastWrite = elapsed();
    if (written < MOST_BYTES) event('o', pending);
    else keepLast(pending);
    pending = '';
  };
  const add = (text: string): void => {
    pending += text;
    if (pending.length >= TOGETHER_CHARACTERS || elapsed() - lastWrite > TOGETHER_MS) flush();
    else timer ??= setTimeout(flush, TOGETHER_MS);
  };
  write(
    `${JSON.stringify({ version: 2, width: size.columns, height: size.rows, timestamp: Math.floor(startedMs / 1000) })}\n`,
  );
  return {
    // A character can be cut in two by the chunks that a program writes; the decoder keeps its first half.
    output: (bytes) => add(decoding.push(bytes)),
    say: (line) => add(`${line}\r\n`),
    marker(label) {
      // Half a character has no other half in the next step's output.
      pending += decoding.end();
      flush();
      writeLast();
      event('m', label);
    },
    flush,
  };
}

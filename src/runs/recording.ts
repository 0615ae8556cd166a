import { phrase } from '../core/phrase.ts';
import { openDecoding, wholeAt } from './decoding.ts';
import { escapeInto, LONGEST_ESCAPE } from './escaping.ts';

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
const TOGETHER_BYTES = 64 * 1024;
/** A recording does not grow beyond this but for its markers and the last words before each. */
const MOST_BYTES = 16 * 1024 * 1024;
const LAST_CHARACTERS = 16 * 1024;
/** Bytes that these take at most. */
const MOST_OF_LAST = 4 * LAST_CHARACTERS;

/** Whatever colours were on when the text was cut, and out of an escape that was cut. */
const PLAIN = '\x1b\\\x1b[0m';

export interface RecordingSize {
  readonly columns: number;
  readonly rows: number;
}

/** Output is taken in slices of so much, so that there is room for the longest that can become of it. */
const SLICE_BYTES = 16 * 1024;
/** More than a line's beginning takes, which is written before what waits for it. */
const HEAD_BYTES = 64;
const TAIL = '"]\n';
const LINE_BYTES = HEAD_BYTES + TOGETHER_BYTES + SLICE_BYTES * LONGEST_ESCAPE + TAIL.length;

/**
 * @param write appends to the file, in order; it may keep the bytes
 * @param elapsed milliseconds since any fixed moment
 * @param startedMs wall time of the start, for the header
 */
export function startRecording(
  write: (bytes: Buffer) => void,
  elapsed: () => number,
  startedMs: number,
  size: RecordingSize,
): Recorder {
  const began = elapsed();
  const decoding = openDecoding();
  /** The line of output that is being gathered, up to `end`; nothing waits while that is HEAD_BYTES. */
  const line = Buffer.allocUnsafeSlow(LINE_BYTES);
  let end = HEAD_BYTES;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let lastWrite = Number.NEGATIVE_INFINITY;

  let written = 0;
  let full = false;
  let leftOut = 0;
  let last = '';

  const seconds = (): number => Number(((elapsed() - began) / 1000).toFixed(6));
  const put = (bytes: Buffer): void => {
    written += bytes.length;
    write(bytes);
  };
  const event = (code: 'o' | 'm', text: string): void => {
    put(Buffer.from(`${JSON.stringify([seconds(), code, text])}\n`));
  };
  /** Once the recording is full only the end of each command's output is kept: it says why that failed. */
  const keepLast = (text: Buffer): void => {
    if (!full)
      event(
        'o',
        `${PLAIN}\r\n${phrase`# This recording is full: of each step only the last words are kept.`}\r\n`,
      );
    full = true;
    leftOut += text.length;
    const ending = text.subarray(wholeAt(text, Math.max(0, text.length - MOST_OF_LAST)));
    last = (last + ending.toString('utf8')).slice(-LAST_CHARACTERS);
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
    if (end === HEAD_BYTES) return;
    lastWrite = elapsed();
    const head = `[${seconds()},"o","`;
    const start = HEAD_BYTES - head.length;
    line.write(head, start, 'latin1');
    end += line.write(TAIL, end, 'latin1');
    put(Buffer.from(line.subarray(start, end)));
    end = HEAD_BYTES;
  };
  const add = (text: Buffer): void => {
    if (text.length === 0) return;
    for (let rest = text, whole = false; !whole;) {
      if (written >= MOST_BYTES) {
        keepLast(rest);
        return;
      }
      whole = rest.length <= SLICE_BYTES;
      const slice = whole ? rest : rest.subarray(0, wholeAt(rest, SLICE_BYTES));
      end = escapeInto(line, end, slice);
      if (end >= HEAD_BYTES + TOGETHER_BYTES) flush();
      if (!whole) rest = rest.subarray(slice.length);
    }
    if (elapsed() - lastWrite > TOGETHER_MS) flush();
    else timer ??= setTimeout(flush, TOGETHER_MS);
  };
  put(
    Buffer.from(
      `${JSON.stringify({ version: 2, width: size.columns, height: size.rows, timestamp: Math.floor(startedMs / 1000) })}\n`,
    ),
  );
  return {
    // A character can be cut in two by the chunks that a program writes; the decoder keeps its first half.
    output: (bytes) => add(decoding.push(bytes)),
    say: (words) => add(Buffer.from(`${words}\r\n`)),
    marker(label) {
      // Half a character has no other half in the next step's output.
      add(decoding.end());
      flush();
      writeLast();
      event('m', label);
    },
    flush,
  };
}

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
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let pending = '';
  let timer: ReturnType<typeof setTimeout> | null = null;
  let lastWrite = Number.NEGATIVE_INFINITY;

  const event = (code: 'o' | 'm', text: string): void => {
    const seconds = Number(((elapsed() - began) / 1000).toFixed(6));
    write(`${JSON.stringify([seconds, code, text])}\n`);
  };
  const flush = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (pending === '') return;
    lastWrite = elapsed();
    event('o', pending);
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
    output: (bytes) => add(decoder.decode(bytes, { stream: true })),
    say: (line) => add(`${line}\r\n`),
    marker(label) {
      // Half a character has no other half in the next step's output.
      pending += decoder.decode();
      flush();
      event('m', label);
    },
    flush,
  };
}

/**
 * Reads a recording (asciicast v2: a header line, then one JSON array a line) from bytes that may be cut anywhere.
 * Pure: the pages and the browser read recordings with the same code.
 */

/** `output`: what a program wrote. `mark`: a step or the run changed its state. `at`: seconds since the run began. */
export interface RecordingEvent {
  readonly at: number;
  readonly kind: 'output' | 'mark';
  readonly text: string;
}

export interface RecordingReader {
  /** Takes the next bytes and gives the events whose lines are whole now. Lines that are not events are left out. */
  push(bytes: Uint8Array): RecordingEvent[];
}

const NEWLINE = 0x0a;

export function createRecordingReader(): RecordingReader {
  let pending: Uint8Array[] = [];

  function takeLine(end: Uint8Array): string {
    const parts = [...pending, end];
    pending = [];
    const line = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      line.set(part, at);
      at += part.length;
    }
    return new TextDecoder().decode(line);
  }

  return {
    push(bytes) {
      const events: RecordingEvent[] = [];
      let start = 0;
      for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
        const event = readEvent(takeLine(bytes.subarray(start, end)));
        if (event) events.push(event);
        start = end + 1;
      }
      if (start < bytes.length) pending.push(bytes.slice(start));
      return events;
    },
  };
}

const KINDS: Readonly<Record<string, RecordingEvent['kind']>> = { o: 'output', m: 'mark' };

function readEvent(line: string): RecordingEvent | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (!Array.isArray(value)) return null;
  const [at, code, text] = value as unknown[];
  if (typeof at !== 'number' || typeof code !== 'string' || typeof text !== 'string') return null;
  const kind = Object.hasOwn(KINDS, code) ? KINDS[code] : undefined;
  return kind === undefined ? null : { at, kind, text };
}

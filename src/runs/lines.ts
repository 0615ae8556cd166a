import { type AnsiPiece, type Span, createAnsiReader } from './ansi.ts';
import { visible } from '../core/visible.ts';
import { parseMark, markSentence, type Mark } from './mark.ts';
import type { RecordingEvent } from './reading.ts';

/** Where a log is written to: an array on the server, elements in the browser. */
export interface LogSink {
  text(span: Span): void;
  newline(): void;
  /** The line being written starts again. */
  back(): void;
  mark(mark: Mark, sentence: string): void;
}

/** Writes events into a log. `freshLine` of a marker never joins the output before it. */
export function createLogWriter(sink: LogSink): (event: RecordingEvent) => void {
  const ansi = createAnsiReader();
  let returned = false;

  function write(piece: AnsiPiece): void {
    if (piece.do === 'newline') sink.newline();
    if (piece.do === 'text') {
      // A carriage return overwrites only when something follows it: a cursor parked at the margin erases nothing.
      if (returned) sink.back();
      sink.text(piece.span);
    }
    returned = piece.do === 'back';
  }

  return (event) => {
    if (event.kind === 'output') {
      for (const piece of ansi.push(event.text)) write(piece);
      return;
    }
    const mark = parseMark(event.text);
    if (mark) sink.mark(mark, visible(markSentence(mark)));
  };
}

/** One line of a log as the server draws it. `state`: what the line tells of, empty for output. */
export interface LogLine {
  readonly state: Mark['state'] | '';
  readonly spans: Span[];
}

/** The whole log of some events, as lines. */
export function logLines(events: Iterable<RecordingEvent>): LogLine[] {
  const lines: LogLine[] = [];
  let open: LogLine | null = null;
  const line = (): LogLine => {
    if (!open) lines.push((open = { state: '', spans: [] }));
    return open;
  };
  const write = createLogWriter({
    text: (span) => line().spans.push(span),
    newline: () => {
      line();
      open = null;
    },
    back: () => void line().spans.splice(0),
    mark: ({ state }, sentence) => {
      open = null;
      lines.push({ state, spans: [{ text: sentence, classes: '' }] });
    },
  });
  for (const event of events) write(event);
  return lines;
}

/** A terminal's output as a text without colours and controls. */
export function plainText(output: string): string {
  const lines = logLines([{ at: 0, kind: 'output', text: output }]);
  return lines.map(({ spans }) => spans.map(({ text }) => text).join('')).join('\n');
}

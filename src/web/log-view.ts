import { phrase } from '../core/phrase.ts';
import type { Span } from '../runs/ansi.ts';
import type { LogSink } from '../runs/lines.ts';
import type { Mark } from '../runs/mark.ts';

/** What the page keeps of a log, whatever a program puts out; the whole output stays in the recording. */
const MOST = { lines: 5000, pieces: 6000, characters: 300_000 };
/** What it keeps of one line: one without an end would never make room. */
const MOST_OF_A_LINE = { pieces: 1000, characters: 50_000 };

/** A line of the log. `element`: where it is drawn, once it is. `full`: no more of it is shown. */
interface Line {
  readonly className: string;
  readonly spans: { text: string; readonly classes: string }[];
  characters: number;
  full: boolean;
  element: HTMLElement | null;
}

/** A log that is kept at once and drawn when asked: what comes and goes between is never drawn. */
export interface LogView extends LogSink {
  draw(): void;
}

/**
 * Draws a log into an element, with text nodes and class names only.
 * @param marked told of every step and run marker
 */
export function createLogView(log: HTMLElement, marked: (mark: Mark, sentence: string) => void): LogView {
  const lines: Line[] = [];
  const stale = new Set<Line>();
  const kept = { pieces: 0, characters: 0 };
  let open: Line | null = null;
  let dropped = false;

  function addLine(className: string): Line {
    const line: Line = { className, spans: [], characters: 0, full: false, element: null };
    lines.push(line);
    stale.add(line);
    makeRoom();
    return line;
  }

  function makeRoom(): void {
    while (
      lines.length > 1 &&
      (lines.length > MOST.lines || kept.pieces > MOST.pieces || kept.characters > MOST.characters)
    ) {
      const oldest = lines.shift();
      if (!oldest) return;
      clear(oldest);
      stale.delete(oldest);
      oldest.element?.remove();
      dropped = true;
    }
  }

  function clear(line: Line): void {
    kept.pieces -= line.spans.length;
    kept.characters -= line.characters;
    line.spans.length = 0;
    line.characters = 0;
    line.full = false;
  }

  function addText(line: Line, text: string, classes: string): void {
    const last = line.spans.at(-1);
    // Joining equal neighbours keeps a line that arrives letter by letter small.
    if (last?.classes === classes) last.text += text;
    else {
      line.spans.push({ text, classes });
      kept.pieces++;
    }
    line.characters += text.length;
    kept.characters += text.length;
    stale.add(line);
  }

  return {
    text({ text, classes }: Span) {
      open ??= addLine('line');
      if (open.full) return;
      addText(open, text.slice(0, MOST_OF_A_LINE.characters - open.characters), classes);
      if (open.characters >= MOST_OF_A_LINE.characters || open.spans.length >= MOST_OF_A_LINE.pieces) {
        addText(open, phrase` The rest of this line is in the recording.`, 'mark');
        open.full = true;
      }
      makeRoom();
    },
    newline() {
      open ??= addLine('line');
      open = null;
    },
    back() {
      if (!open) return;
      clear(open);
      stale.add(open);
    },
    mark(mark, sentence) {
      open = null;
      addText(addLine(`mark state-${mark.state}`), sentence, '');
      marked(mark, sentence);
    },
    draw() {
      if (dropped && log.firstElementChild?.id !== 'earlier') {
        const earlier = element('div', 'mark', phrase`Earlier lines are in the recording.`);
        earlier.id = 'earlier';
        log.prepend(earlier);
      }
      for (const line of stale) {
        line.element ??= log.appendChild(element('div', line.className));
        line.element.replaceChildren(
          ...line.spans.map(({ text, classes }) => element('span', classes, text)),
        );
      }
      stale.clear();
    },
  };
}

function element(name: 'div' | 'span', className: string, text = ''): HTMLElement {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.append(text);
  return made;
}

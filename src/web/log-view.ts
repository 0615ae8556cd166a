import type { Span } from '../runs/ansi.ts';
import type { LogSink } from '../runs/lines.ts';
import type { Mark } from '../runs/mark.ts';

/** Lines that the page keeps; the whole output stays in the recording. */
const MOST_LINES = 5000;

/**
 * Draws a log into an element, with text nodes and class names only. Scrolls along while the person is at its end.
 * @param marked told of every step and run marker
 */
export function createLogView(log: HTMLElement, marked: (mark: Mark, sentence: string) => void): LogSink {
  let open: HTMLElement | null = null;
  let dropped: HTMLElement | null = null;

  function addLine(className: string): HTMLElement {
    const line = document.createElement('div');
    line.className = className;
    log.append(line);
    if (log.childElementCount > MOST_LINES) dropOldest();
    return line;
  }

  function dropOldest(): void {
    if (!dropped) {
      dropped = document.createElement('div');
      dropped.className = 'mark';
      dropped.textContent = 'Earlier lines are in the recording.';
      log.prepend(dropped);
    }
    dropped.nextElementSibling?.remove();
  }

  return {
    text({ text, classes }: Span) {
      open ??= addLine('line');
      const last = open.lastElementChild;
      // Joining equal neighbours keeps a line that arrives letter by letter small.
      if (last?.className === classes) {
        last.append(text);
        return;
      }
      const span = document.createElement('span');
      if (classes) span.className = classes;
      span.append(text);
      open.append(span);
    },
    newline() {
      open ??= addLine('line');
      open = null;
    },
    back() {
      open?.replaceChildren();
    },
    mark(mark, sentence) {
      open = null;
      addLine(`mark state-${mark.state}`).append(sentence);
      marked(mark, sentence);
    },
  };
}

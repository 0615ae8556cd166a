import { DECEIVING } from '../core/visible.ts';

/**
 * Turns a terminal's output into lines of styled text. Only colour and weight survive; every other escape (titles,
 * links, clipboard, cursor moves, screen clears) and every other control character is dropped. Pure, and it never
 * makes HTML: the output is hostile.
 */

/** A piece of one line. `classes` are style sheet classes, space separated, or empty. */
export interface Span {
  readonly text: string;
  readonly classes: string;
}

/** `back`: the line is written over from its beginning, as progress bars do. */
export type AnsiPiece = { readonly do: 'text'; readonly span: Span } | { readonly do: 'newline' | 'back' };

export interface AnsiReader {
  /** Takes the next text, which may be cut inside an escape, and gives what to show of it. */
  push(text: string): AnsiPiece[];
}

const COLOURS = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const;

interface Style {
  bold: boolean;
  dim: boolean;
  italic: boolean;
  underline: boolean;
  foreground: string;
  background: string;
}

const plain = (): Style => ({
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  foreground: '',
  background: '',
});

/**
 * One token a match: text, a line's end, a whole escape, or a lone control. A string escape ends at BEL or ST, and at
 * any other control character too, so that one that is never closed cannot swallow the lines after it.
 */

const TOKEN =
  /[^\x00-\x1f\x7f-\x9f]+|\r?\n|\t|\r|\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x00-\x1f]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]|[^]/y;

const UNFINISHED = /(?:\r|\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x00-\x1f]*\x1b?|[ -/]*)?)$/;
/** Longer than any escape worth waiting for. */
const LONGEST_ESCAPE = 4096;

export function createAnsiReader(): AnsiReader {
  let kept = '';
  let style = plain();

  return {
    push(text) {
      let input = kept + text;
      const cut = UNFINISHED.exec(input);
      kept = cut && cut[0].length <= LONGEST_ESCAPE ? cut[0] : '';
      input = input.slice(0, input.length - kept.length);
      const pieces: AnsiPiece[] = [];
      TOKEN.lastIndex = 0;
      for (let match = TOKEN.exec(input); match; match = TOKEN.exec(input)) {
        const token = match[0];
        if (token.endsWith('\n')) pieces.push({ do: 'newline' });
        else if (token === '\r') pieces.push({ do: 'back' });
        else if (token === '\t' || token > '\x9f' || (token >= ' ' && token < '\x7f')) {
          pieces.push({
            do: 'text',
            span: { text: token.replace(DECEIVING, '\ufffd'), classes: classesOf(style) },
          });
        } else if (token.startsWith('\x1b[') && token.endsWith('m'))
          style = restyle(style, token.slice(2, -1));
      }
      return pieces;
    },
  };
}

function classesOf(style: Style): string {
  const classes = (['bold', 'dim', 'italic', 'underline'] as const).filter((key) => style[key]);
  return [
    ...classes.map((name) => `ansi-${name}`),
    ...(style.foreground ? [`ansi-${style.foreground}`] : []),
    ...(style.background ? [`ansi-on-${style.background}`] : []),
  ].join(' ');
}

function restyle(before: Style, parameters: string): Style {
  if (!/^[\d;]*$/.test(parameters)) return before;
  let style = { ...before };
  const codes = parameters.split(';').map(Number);
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] ?? 0;
    if (code === 0) style = plain();
    else if (code === 38 || code === 48) {
      const colour = codes[i + 1] === 5 ? named(codes[i + 2] ?? -1) : '';
      style[code === 38 ? 'foreground' : 'background'] = colour;
      i += codes[i + 1] === 5 ? 2 : 4;
    } else Object.assign(style, change(code));
  }
  return style;
}

/** The sixteen colours have a class; the rest of the palette is shown in the text's own colour. */
function named(index: number): string {
  const name = COLOURS[index % 8];
  if (name === undefined || index > 15) return '';
  return index > 7 ? `bright-${name}` : name;
}

function change(code: number): Partial<Style> {
  if (code === 1) return { bold: true };
  if (code === 2) return { dim: true };
  if (code === 3) return { italic: true };
  if (code === 4) return { underline: true };
  if (code === 22) return { bold: false, dim: false };
  if (code === 23) return { italic: false };
  if (code === 24) return { underline: false };
  if (code === 39) return { foreground: '' };
  if (code === 49) return { background: '' };
  if (code >= 30 && code <= 37) return { foreground: named(code - 30) };
  if (code >= 40 && code <= 47) return { background: named(code - 40) };
  if (code >= 90 && code <= 97) return { foreground: named(code - 90 + 8) };
  if (code >= 100 && code <= 107) return { background: named(code - 100 + 8) };
  return {};
}

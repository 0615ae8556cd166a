import { short } from './table.ts';

/** Bars that belong together, each drawn against the longest of them. */
export interface Group {
  readonly title: string;
  readonly bars: readonly { readonly name: string; readonly value: number; readonly own: boolean }[];
}

const WIDTH = 640;
const NAMES = 170;
const BARS = 380;
const ROW = 20;
const TITLE = 30;

/** Groups of bars as an SVG that is readable on a light and on a dark page. */
export function barChart(groups: readonly Group[]): string {
  let y = 0;
  const drawn: string[] = [];
  for (const { title, bars } of groups) {
    y += TITLE;
    drawn.push(`<text class="title" x="0" y="${y - 8}">${escaped(title)}</text>`);
    const longest = Math.max(...bars.map(({ value }) => value));
    for (const { name, value, own } of bars) {
      const length = Math.max(1, Math.round((value / longest) * BARS));
      drawn.push(
        `<text x="0" y="${y + 14}">${escaped(name)}</text>`,
        `<rect class="${own ? 'own' : 'other'}" x="${NAMES}" y="${y + 3}" width="${length}" height="${ROW - 6}"/>`,
        `<text x="${NAMES + length + 6}" y="${y + 14}">${short(value)}</text>`,
      );
      y += ROW;
    }
  }
  const style =
    'text{font:13px system-ui,sans-serif;fill:#6e7781}.title{font-weight:600}.own{fill:#1f883d}.other{fill:#8c959f}';
  const size = `width="${WIDTH}" height="${y + 8}" viewBox="0 0 ${WIDTH} ${y + 8}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img"><style>${style}</style>\n${drawn.join('\n')}\n</svg>\n`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

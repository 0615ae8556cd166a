import { judge, median, type Figure, type Verdict } from './figures.ts';

/** Figures as a Markdown table: medians, with the least and the most of all rounds where they are compared. */
export function markdownTable(figures: readonly Figure[]): string {
  const head = ['What', 'This product', 'Beside it', 'Compared (least to most)', 'Target', ''];
  const lines = [head, head.map(() => '---'), ...figures.map(row)];
  return lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

function row(figure: Figure): string[] {
  const { title, unit, own, beside, target } = figure;
  const verdict = judge(figure);
  return [
    title,
    withUnit(median(own), unit),
    beside === undefined ? '' : `${beside.name} ${withUnit(median(beside.values), unit)}`,
    compared(figure, verdict),
    target === undefined
      ? ''
      : 'atLeast' in target
        ? `at least ${target.atLeast}`
        : `at most ${target.atMost}`,
    verdict.met === null ? '' : verdict.met ? 'met' : '**missed**',
  ];
}

function compared({ by, unit }: Figure, { median: middle, least, most }: Verdict): string {
  const spread = `(${short(least)} to ${short(most)})`;
  if (by === 'ratio') return `× ${short(middle)} ${spread}`;
  const sign = by === 'difference' && middle >= 0 ? '+' : '';
  return `${sign}${withUnit(middle, unit)} ${spread}`;
}

function withUnit(value: number, unit: string): string {
  return unit === '' ? short(value) : `${short(value)} ${unit}`;
}

/** Three digits that count. */
export function short(value: number): string {
  if (Math.abs(value) >= 100) return String(Math.round(value));
  return String(Number(value.toPrecision(3)));
}

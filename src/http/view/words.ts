import { phrase } from '../../core/phrase.ts';
import { formatRange, type PortRange } from '../../core/range.ts';

/** A moment as people read it: `2026-11-22 10:38:00 UTC`. */
export function moment(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}

export function rangeWords(range: PortRange | null): string {
  return range === null ? phrase`not set` : formatRange(range);
}

/** An argument vector as one would type it. For reading only: nothing runs this text. */
export function commandLine(argv: readonly string[]): string {
  return argv
    .map((argument) =>
      /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`,
    )
    .join(' ');
}

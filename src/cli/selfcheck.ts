import type { Selfcheck } from '../assumptions/selfcheck.ts';
import { phrase } from '../core/phrase.ts';
import { visible } from '../core/visible.ts';

const WORDS = new Map<boolean | null, string>([
  [true, phrase`held`],
  [false, phrase`BROKEN`],
  [null, phrase`not told`],
]);

/** The outcome for people, ready to be pasted into a report. */
export function selfcheckText({ cpanel, system, assumptions }: Selfcheck): string {
  const head = `${phrase`cPanel ${cpanel ?? phrase`is not here`}, ${system ?? phrase`an unnamed system`}`}\n`;
  const rows = assumptions.map(
    ({ id, says, held, seen }) =>
      `${(WORDS.get(held) ?? '').padEnd(9)} ${id}: ${says}\n${' '.repeat(10)}${seen}\n`,
  );
  const count = (wanted: boolean | null): number => assumptions.filter(({ held }) => held === wanted).length;
  const sum = `${phrase`${count(true)} held, ${count(false)} broken, ${count(null)} not told`}\n`;
  return visible([head, ...rows, sum].join(''));
}

/** 0 all held, 1 one is broken, 3 some could not be told. */
export function selfcheckExit({ ok }: Selfcheck): number {
  return ok === null ? 3 : ok ? 0 : 1;
}

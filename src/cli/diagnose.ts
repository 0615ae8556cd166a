import { phrase } from '../core/phrase.ts';
import { toProblem } from '../core/problem.ts';
import type { PortRange } from '../core/range.ts';
import type { Status } from '../core/status.ts';
import { diagnoseAgainst } from '../diagnosis/against.ts';
import { visible } from '../core/visible.ts';
import type { Confirmed } from '../diagnosis/confirm.ts';
import { LONGEST_LOG } from '../diagnosis/lines.ts';
import type { Arguments } from './arguments.ts';

/** A log as it was read. `cut`: there was more of it. */
export interface LogText {
  readonly text: string;
  readonly cut: boolean;
}

/** What the verb needs of the world. */
export interface DiagnoseWorld {
  out(text: string): void;
  err(text: string): void;
  /** Whether a person would have to type the log. */
  readonly isTyped: boolean;
  /** @param path null: standard input @param most bytes */
  readLog(path: string | null, most: number): Promise<LogText>;
  /** @param range what the firewall is asked about, where not the range that is wanted */
  status(range?: PortRange): Promise<Status>;
}

const EXIT_FOUND = 0;
const EXIT_UNKNOWN = 3;

/** Reads a client's log, holds it against this server, and says what is wrong. @throws Problem when there is no log */
export async function diagnoseLog({ operand, values }: Arguments, world: DiagnoseWorld): Promise<number> {
  const path = operand === null || operand === '-' ? null : operand;
  if (path === null && world.isTyped) world.err(`${phrase`Paste the log, then press Ctrl-D.`}\n`);
  const { text, cut } = await world.readLog(path, LONGEST_LOG);
  if (cut) world.err(`${phrase`Only the first MiB of the log was read.`}\n`);
  const found = await diagnoseAgainst(
    text,
    (range) => world.status(range),
    (error) => toProblem(error).message,
  );
  world.out(values.json === true ? `${JSON.stringify(documentOf(found))}\n` : textOf(found));
  return found.cause === null ? EXIT_UNKNOWN : EXIT_FOUND;
}

function documentOf(found: Confirmed): Record<string, unknown> {
  const { cause, title, sure, evidence, fact, right, fix, client, alternatives } = found;
  return {
    ...{ cause, title, sure },
    evidence: evidence === null ? null : { line: evidence.number, text: evidence.text },
    ...{ fact, right, fix, client, alternatives },
  };
}

function textOf({ title, cause, sure, evidence, fact, fix, client, alternatives }: Confirmed): string {
  const rows: [name: string, text: string][] = [
    [phrase`Cause`, cause === null ? title : `${title} (${cause}, ${sure ?? phrase`likely`})`],
    [phrase`Line`, evidence === null ? '' : `${evidence.number}: ${evidence.text}`],
    [phrase`Server`, fact ?? ''],
    [cause === null ? phrase`Next` : phrase`Fix`, fix],
    [phrase`Client`, client ?? ''],
    ...alternatives.map((each): [string, string] => [
      phrase`Or`,
      phrase`${each.title} (${each.cause}), if ${each.tells}`,
    ]),
  ];
  const lines = rows.filter(([, text]) => text !== '').map(([name, text]) => `${name.padEnd(8)}${text}\n`);
  return visible(lines.join(''));
}

import type { Arguments } from './cli/arguments.ts';
import { doVerb, type Console } from './cli/verbs.ts';
import { noteInMind } from './engine/answers.ts';
import { openProduct } from './wiring.ts';

/** The verbs of the command line but for `reach` and `serve`, with their real effects. */
export function verb(given: Arguments, console: Console): Promise<number> {
  return doVerb(openProduct(noteInMind()), given, console);
}

import type { Arguments } from './cli/arguments.ts';
import { reach as askAndShow } from './cli/reach.ts';
import { rulesPorts } from './wiring-ports.ts';

/** The verb `reach` with its real effects; loaded without the rest of the product, it starts in half the time. */
export function reach(given: Arguments, out: (text: string) => void): Promise<number> {
  return askAndShow(rulesPorts, given, out);
}

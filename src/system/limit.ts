import { phrase } from '../core/phrase.ts';
import type { CommandOptions } from '../engine/ports.ts';
import { growTree, type TreeMark } from './tree.ts';

/** The time that a command has. */
export interface Limit {
  /** The command has ended. Resolves when all that had to be ended with it has too. @returns whether its time was up */
  over(): Promise<boolean>;
}

/** Ends a command with all that it started when its time is up or its caller wants it to, and tells the listener. */
export function setLimit(
  pid: number,
  mark: TreeMark,
  argv: readonly string[],
  timeoutMs: number,
  { onOutput, end: wanted }: Pick<CommandOptions, 'onOutput' | 'end'>,
): Limit {
  const tree = growTree(pid, mark);
  const name = argv[0] ?? '';
  const say = (sentence: string): void => onOutput?.(Buffer.from(`\r\n# ${sentence}\r\n`));
  let ending: Promise<void> | null = null;
  let timedOut = false;

  function end(why: string): void {
    if (ending !== null) return;
    say(phrase`${name} ${why}; it is ended with all that it started.`);
    ending = tree.end(() => say(phrase`${name} has not ended when it was asked to; it is killed.`));
  }

  const timer = setTimeout(() => {
    timedOut = true;
    end(phrase`has not ended after ${timeoutMs / 1000} seconds`);
  }, timeoutMs);
  const stopped = (): void => end(phrase`is not wanted any more`);
  if (wanted?.aborted === true) stopped();
  wanted?.addEventListener('abort', stopped);

  return {
    async over() {
      clearTimeout(timer);
      wanted?.removeEventListener('abort', stopped);
      tree.leave();
      await ending;
      return timedOut;
    },
  };
}

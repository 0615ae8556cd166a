import { phrase } from '../core/phrase.ts';
import type { CommandOptions, CommandResult } from '../engine/ports.ts';
import { keepOutput } from './kept.ts';
import { runOnPipes } from './pipes.ts';

const [NEWLINE, RETURN] = [0x0a, 0x0d];

/**
 * Runs a program that should have had a terminal, where none is to be had, and says so to whoever listens. The result
 * has the form that one on a terminal has: all output in `stdout`, each line ended by `\r\n`.
 * @param why what stands against a terminal, for people
 */
export async function runWithoutTerminal(
  argv: readonly string[],
  timeoutMs: number,
  options: Pick<CommandOptions, 'onOutput' | 'end'>,
  why: string,
): Promise<CommandResult> {
  options.onOutput?.(
    Buffer.from(
      `${phrase`# No terminal can be had for ${argv[0] ?? ''} (${why}): its output comes through pipes, and may come late.`}\r\n`,
    ),
  );
  const output = keepOutput(options.onOutput);
  const toTerminal = returnsBeforeNewlines();
  const result = await runOnPipes(argv, timeoutMs, {
    ...options,
    onOutput: (bytes) => output.add(toTerminal(bytes)),
  });
  return result.missing ? result : { ...result, stdout: output.text(), stderr: '' };
}

/** What a terminal does to the ends of lines, over any number of pieces. */
function returnsBeforeNewlines(): (bytes: Uint8Array) => Buffer {
  let last = 0;
  return (bytes) => {
    const returned: number[] = [];
    for (const byte of bytes) {
      if (byte === NEWLINE && last !== RETURN) returned.push(RETURN);
      returned.push(byte);
      last = byte;
    }
    return Buffer.from(returned);
  };
}

import { createInterface } from 'node:readline/promises';

/** What was typed before anybody could read what to do is no answer. Milliseconds. */
const TYPED_BEFORE = 300;

/**
 * Whether an empty line is entered before `until` is raised. That standard input has none, ends or fails says nothing,
 * and neither do other lines, which are for whoever else reads it.
 */
export function entered(until: AbortSignal, input: NodeJS.ReadableStream = process.stdin): Promise<boolean> {
  const begun = performance.now();
  return new Promise((resolve) => {
    const lines = createInterface({ input });
    const end = (): void => lines.close();
    lines.on('line', (line) => {
      if (line.trim() !== '' || performance.now() - begun < TYPED_BEFORE) return;
      resolve(true);
      end();
    });
    lines.once('close', () => resolve(false)).once('error', end);
    input.once('error', end);
    until.addEventListener('abort', end);
    if (until.aborted) end();
  });
}

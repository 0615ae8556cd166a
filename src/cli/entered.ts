import { createInterface } from 'node:readline/promises';

/**
 * Whether a line is entered before `until` is raised. That standard input has none, or ends, says nothing.
 */
export function entered(until: AbortSignal, input: NodeJS.ReadableStream = process.stdin): Promise<boolean> {
  return new Promise((resolve) => {
    const lines = createInterface({ input });
    const end = (): void => lines.close();
    lines.once('line', () => {
      resolve(true);
      end();
    });
    lines.once('close', () => resolve(false));
    until.addEventListener('abort', end);
    if (until.aborted) end();
  });
}

import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { phrase } from '../core/phrase.ts';
import { Problem } from '../core/problem.ts';

/**
 * Reads a log of at most `most` bytes; what follows is left unread, and `cut` tells of it. UTF-8; other bytes become
 * replacement characters.
 * @param path null: standard input
 * @throws Problem `invalid` when there is nothing to read at `path`
 */
export async function readLogText(
  path: string | null,
  most: number,
): Promise<{ text: string; cut: boolean }> {
  const chunks: Buffer[] = [];
  let length = 0;
  const source: Readable = path === null ? process.stdin : createReadStream(path, { end: most });
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > most) break;
    }
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new Problem(
      'invalid',
      phrase`The log "${path ?? '-'}" cannot be read (${why}): name a file, or - for standard input.`,
      undefined,
      error,
    );
  }
  return { text: Buffer.concat(chunks).subarray(0, most).toString('utf8'), cut: length > most };
}

import type { BigIntStats } from 'node:fs';
import { lstat } from 'node:fs/promises';

/** The clock that gives files their times goes on by 1 to 10 ms at once; and some room. */
const TICK_MS = 100;
const SECOND_NS = 1_000_000_000n;

/** See `Files.stamp`. Never throws: what cannot be looked at has none. */
export async function stamp(path: string): Promise<string | null> {
  const facts = await lstat(path, { bigint: true }).catch(() => null);
  return facts?.isFile() === true ? stampOf(facts, Date.now()) : null;
}

/**
 * What the kernel alone can set, the time of the last change of the file's bytes or attributes, in a word with what
 * names the file. @param nowMs the time right after they were asked
 */
export function stampOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats, nowMs: number): string | null {
  const justNow = nowMs - Number(ctimeNs / 1_000_000n) < TICK_MS;
  // As on ext3, which knows whole seconds only.
  const coarse = ctimeNs % SECOND_NS === 0n;
  return justNow || coarse ? null : [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}

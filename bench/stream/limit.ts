import { execFile } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Flood } from './measure.ts';
import type { Scratch } from './scratch.ts';

/** What bench/stream/limit.c says of a flood. Times in nanoseconds, `cpu` in seconds. */
export interface Limit {
  readonly start: number;
  readonly last: number;
  readonly bytes: number;
  readonly cpu: number;
}

/** A flood on a terminal that is only read. */
export async function readOnly(scratch: Scratch, { kind, amount }: Flood): Promise<Limit> {
  const go = scratch.path('go');
  rmSync(`${go}.end`, { force: true });
  writeFileSync(go, '');
  const argv = [scratch.flood, kind, String(amount), go];
  const { stdout } = await promisify(execFile)(scratch.limit, argv);
  if (!existsSync(`${go}.end`)) throw new Error('the flood did not come to its end');
  return JSON.parse(stdout) as Limit;
}

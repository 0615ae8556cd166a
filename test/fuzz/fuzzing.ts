import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Problem } from '../../src/core/problem.ts';
import { randomFrom } from './mutation.ts';

/** How many inputs each door gets; together at least a hundred thousand. */
export const INPUTS = {
  stores: 3000,
  servers: 300,
  csf: 24_000,
  listings: 16_000,
  bootfiles: 5000,
  saved: 3000,
  ufw: 8000,
  firewalld: 10_000,
  charge: 700,
  logs: 4000,
  recordings: 10_000,
  commandLine: 16_000,
  small: 16_000,
  requests: 2500,
  forms: 1500,
  messages: 1000,
} as const;

export const SEED = 20261122;
/** No input may take more of the processor's time. */
export const LONGEST_MS = 2000;
/** What may be left in memory after all of a door's inputs, in bytes. */
const MOST_LEFT = 24 * 1024 * 1024;

/** Hands inputs to `take`, which may refuse with a Problem that is not `internal`. Names the input that breaks this. */
export function fuzz(
  door: keyof typeof INPUTS,
  make: (random: (below: number) => number) => string,
  take: (input: string) => void,
): void {
  const before = memory();
  const random = randomFrom(SEED);
  for (let count = 0; count < INPUTS[door]; count++) {
    const input = make(random);
    const started = process.cpuUsage();
    try {
      take(input);
    } catch (error) {
      if (!(error instanceof Problem) || error.code === 'internal')
        assert.fail(
          `${door} ${count}: ${error instanceof Error ? (error.stack ?? '') : String(error)}\n${JSON.stringify(input)}`,
        );
    }
    const ms = spent(started);
    if (ms > LONGEST_MS) assert.fail(`${door} ${count} took ${Math.round(ms)} ms: ${JSON.stringify(input)}`);
  }
  left(before);
}

/** Milliseconds that this process was at work since then; what a busy machine makes it wait does not count. */
export function spent(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}

/** Bytes in use, once all that nobody needs is gone. */
export function memory(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

export function left(before: number): void {
  const more = memory() - before;
  assert.ok(more < MOST_LEFT, `${Math.round(more / 1024)} KiB are left in memory`);
}

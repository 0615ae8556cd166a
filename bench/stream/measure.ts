import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import type { Got, Job, Manner, Way } from './job.ts';
import type { Scratch } from './scratch.ts';
import { startNode, stopped, type Server } from './server.ts';
import { cpuSeconds, forgetPeak, memory } from './usage.ts';

/** What bench/stream/flood.c writes, and how much of it. */
export interface Flood {
  readonly kind: 'lines' | 'blocks' | 'ticks' | 'steady';
  readonly amount: number;
}

/** The process of bench/stream/client.ts. */
export interface Client {
  /** Resolves when all followers are attached. */
  begin(job: Job): Promise<void>;
  /** Resolves when those that read everything have. */
  read(): Promise<void>;
  finish(): Promise<readonly Got[]>;
  stop(): Promise<void>;
}

export async function startClient(): Promise<Client> {
  const { child, lines } = await startNode(['--import', 'tsx', join(import.meta.dirname, 'client.ts')]);
  const next = async (): Promise<unknown> => {
    const line = await lines.next();
    if (line.done === true) throw new Error('the process of followers has ended');
    return JSON.parse(line.value);
  };
  const tell = (what: unknown): void => void child.stdin?.write(`${JSON.stringify(what)}\n`);
  return {
    async begin(job) {
      tell(job);
      await next();
    },
    async read() {
      await next();
    },
    async finish() {
      tell('finish');
      return (await next()) as readonly Got[];
    },
    stop: () => stopped(child),
  };
}

/** What a flood cost a server while it came. Memory in MB (10^6 bytes). */
export interface Measured {
  readonly cpu: number;
  /** The most that the server had, and by how much that is more than before. */
  readonly peak: number;
  readonly grown: number;
  /** From the word to begin until the command had written all, milliseconds. */
  readonly took: number;
  readonly got: readonly Got[];
}

/**
 * Shows a flood to followers, and measures the server from the moment when all are attached until the flood is over
 * and read.
 * @param ways where the followers do not get at the output by the server's own ways
 */
export async function measure(
  { scratch, client }: { readonly scratch: Scratch; readonly client: Client },
  server: Server,
  { kind, amount }: Flood,
  manners: readonly Manner[],
  ways?: () => Promise<readonly Way[]>,
): Promise<Measured> {
  const go = scratch.path('go');
  const over = `${go}.end`;
  rmSync(over, { force: true });
  const own = await server.show([scratch.flood, kind, String(amount), go], manners.length);
  const taken = (await ways?.()) ?? own;
  const followers = taken.map((way, index) => ({ way, manner: manners[index] ?? 'keep' }));
  await client.begin({ followers });
  // What the attaching has left to do is done before it is measured.
  await sleep(200);
  const before = { cpu: cpuSeconds(server.pid), memory: memory(server.pid) };
  forgetPeak(server.pid);
  const began = performance.now();
  writeFileSync(go, '');
  while (!existsSync(over)) await sleep(2);
  const took = performance.now() - began;
  await client.read();
  const cpu = cpuSeconds(server.pid) - before.cpu;
  const { peak } = memory(server.pid);
  const got = await client.finish();
  await server.settle();
  return { cpu, peak, grown: peak - before.memory.now, took, got };
}

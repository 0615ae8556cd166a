import { readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { allProcesses, environmentOf, readProcess, type Process } from './process.ts';
import { MARK } from './tree.ts';

const LOOK_EVERY_MS = 50;
/** What ends by itself leaves nothing half done. */
const PATIENCE_MS = 10_000;
/** From the polite signal to the kill, and from that to giving up. */
const GRACE_MS = 5000;

/** A program that a script of cPanel's has started for good stays, even where it still holds our output. */
const SERVERS = ['pure-ftpd', 'pure-authd', 'proftpd'];

/**
 * Waits until the programs that a killed process of this product had at work have ended, and ends those that do not:
 * else they would go on changing what the next run puts back. To be called by who holds the lock.
 */
export async function outlastLeftBehind(patienceMs = PATIENCE_MS, graceMs = GRACE_MS): Promise<void> {
  for (const [signal, ms] of [
    [null, patienceMs],
    ['SIGTERM', graceMs],
    ['SIGKILL', graceMs],
  ] as const) {
    for (const until = performance.now() + ms; ;) {
      const left = allProcesses().filter(isLeftBehind);
      if (left.length === 0) return;
      if (signal !== null) for (const { pid } of left) end(pid, signal);
      await sleep(LOOK_EVERY_MS);
      if (performance.now() > until) break;
    }
  }
}

/** Whether it is of a command whose caller is dead, and still talks to that: a daemon has turned away. */
function isLeftBehind({ pid }: Process): boolean {
  const mark = environmentOf(pid).find((each) => each.startsWith(`${MARK}=`)) ?? '';
  const owner = /=(\d+)-(\d+)-/.exec(mark);
  if (owner === null || String(readProcess(Number(owner[1]))?.started) === owner[2]) return false;
  // A container counts processes of its own, so a number from there means nobody here.
  if (linkOf(`/proc/${pid}/ns/pid`) !== linkOf('/proc/self/ns/pid')) return false;
  if (SERVERS.includes(basename(linkOf(`/proc/${pid}/exe`)))) return false;
  return [1, 2].some((number) => /^pipe:|^socket:|^\/dev\/pts\//.test(linkOf(`/proc/${pid}/fd/${number}`)));
}

function end(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended since.
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Plan } from '../../src/core/plan.ts';
import type { Machine } from '../sandbox/machine.ts';

const STATE = '/var/lib/whm-ftp-passive';
const SOON_MS = 5000;
const LONG_MS = 90_000;

/** What a run's journal tells of it, read without the product. */
export interface Told {
  readonly run: string;
  /** Whether it begins at all. */
  readonly begun: boolean;
  readonly ended: boolean;
  /** Whether a step that changes something has begun, or that the end says so. */
  readonly changed: boolean;
}

interface Line {
  readonly at: string;
  readonly plan?: Plan;
  readonly step?: string;
  readonly changed?: boolean;
}

/** Names of all runs that have a directory. */
export function runsOf({ root }: Machine): string[] {
  return readdirOf(`${root}${STATE}/runs`);
}

export function journalOf({ root }: Machine, run: string): Told {
  const lines = textOf(`${root}${STATE}/runs/${run}/journal.jsonl`)
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
  const end = lines.find(({ at }) => at === 'end');
  const steps = lines.find(({ at }) => at === 'begin')?.plan?.steps ?? [];
  const changing = steps.filter(({ kind }) => kind === 'write' || kind === 'run' || kind === 'restart');
  const began = changing.some(({ id }) => lines.some(({ at, step }) => at === 'step' && step === id));
  return { run, begun: steps.length > 0, ended: end !== undefined, changed: end?.changed ?? began };
}

/** Waits for a run's end as its journal tells it, and until it has let go of the lock. @throws Error when it takes too long */
export async function endOf(server: Machine, run: string): Promise<Told> {
  for (const until = performance.now() + LONG_MS; performance.now() < until;) {
    const told = journalOf(server, run);
    if (told.ended && !existsSync(`${server.root}${STATE}/lock`)) return told;
    await delay(20);
  }
  throw new Error(`Run ${run} does not end.`);
}

/** Waits until nothing of a killed run is at work. @returns what still is, in words */
export async function remainsOf(server: Machine): Promise<string[]> {
  const until = performance.now() + SOON_MS;
  for (;;) {
    const left = atWork(server);
    if (left.length === 0 || performance.now() > until) return left;
    await delay(10);
  }
}

/** Processes that a run has started, and those in another network namespace than the server's own. */
function atWork({ root }: Machine): string[] {
  const own = linkOf(`${root}/proc/1/ns/net`);
  return readdirOf(`${root}/proc`)
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const at = `${root}/proc/${pid}`;
      const space = linkOf(`${at}/ns/net`);
      const marked = textOf(`${at}/environ`).includes('FTP_PASSIVE_COMMAND=');
      if (!marked && (space === own || space === '')) return [];
      return [`${pid} ${textOf(`${at}/cmdline`).replaceAll('\0', ' ')}${marked ? '' : '(namespace)'}`];
    });
}

/** Files beside the state's own that a killed process left: half a lock, and temporary files anywhere below. */
export function strays({ root }: Machine): string[] {
  const state = readdirOf(`${root}${STATE}`).filter((name) => name.startsWith('lock'));
  const below = ['/etc', '/var/cpanel', STATE].flatMap((place) =>
    readdirSync(`${root}${place}`, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.includes('.ftp-passive-'),
    ),
  );
  return [...state, ...below];
}

function readdirOf(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

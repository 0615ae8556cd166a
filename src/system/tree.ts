import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { allProcesses, childrenOf, environmentOf, readProcess, type Process } from './process.ts';

const LOOK_EVERY_MS = 500;
/** From the polite signal to the kill. */
const GRACE_MS = 5000;
/** One that even a kill does not end waits for a device, and may do so for ever. */
const GIVE_UP_MS = 2000;
const FIRST_WAIT_MS = 10;
const LONGEST_WAIT_MS = 200;

/** A variable for a command's environment: what the command starts inherits it and is known by it. */
export interface TreeMark {
  readonly name: typeof MARK;
  readonly value: string;
}

export const MARK = 'FTP_PASSIVE_COMMAND';

/** The value begins with the process that makes it, so that what that leaves behind when it is killed is known too. */
export function newTreeMark(): TreeMark {
  const { pid } = process;
  return { name: MARK, value: `${pid}-${readProcess(pid)?.started ?? 0}-${randomBytes(12).toString('hex')}` };
}

/** A command and all that it started, however that has hidden: in groups and sessions of its own, or orphaned. */
export interface Tree {
  /** Asks every process to end, kills what does not (`onKill`), and resolves when none is left, in bounded time. */
  end(onKill: () => void): Promise<void>;
  /** The command ended by itself: what it left behind is there on purpose and stays. */
  leave(): void;
}

/**
 * Three signs tell a process of the tree, as each can be lost: the mark in its environment, its session or group, and
 * that it was seen as a child. Nothing that started before the command is ever of it.
 */
export function growTree(pid: number, { name, value }: TreeMark): Tree {
  const root = readProcess(pid);
  const seen = new Map<number, Process>();
  if (root !== null) seen.set(pid, root);
  const look = setInterval(() => {
    for (const each of seen.values()) if (isSame(each)) see(each.pid);
  }, LOOK_EVERY_MS).unref();

  function see(parent: number): void {
    for (const child of childrenOf(parent)) {
      const process = readProcess(child);
      if (process === null || seen.get(child)?.started === process.started) continue;
      seen.set(child, process);
      see(child);
    }
  }

  function members(): Process[] {
    const later = allProcesses().filter(
      (each) => each.started >= (root?.started ?? Number.POSITIVE_INFINITY),
    );
    const isOurs = ({ pid, group, session, started }: Process): boolean =>
      seen.get(pid)?.started === started ||
      (namesRoot(group, session) && isFree()) ||
      environmentOf(pid).includes(`${name}=${value}`);
    const ours = new Set(later.filter(isOurs));
    for (let before = -1; before !== ours.size;) {
      before = ours.size;
      const parents = new Set([...ours].map((each) => each.pid));
      for (const each of later) if (parents.has(each.parent)) ours.add(each);
    }
    for (const each of ours) seen.set(each.pid, each);
    return [...ours];
  }

  const namesRoot = (group: number, session: number): boolean => group === pid || session === pid;
  /** Whether the command's number has not been given to another process since. */
  const isFree = (): boolean => {
    const now = readProcess(pid);
    return now === null || now.started === root?.started;
  };

  return {
    async end(onKill) {
      clearInterval(look);
      const began = performance.now();
      const asked = new Set<Process>();
      let killing = false;
      for (let wait = FIRST_WAIT_MS; ; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
        const left = members();
        const age = performance.now() - began;
        if (left.length === 0 || age > GRACE_MS + GIVE_UP_MS) return;
        if (!killing && age >= GRACE_MS) {
          killing = true;
          onKill();
        }
        for (const each of left) {
          if (killing) signal(each, 'SIGKILL');
          else if (![...asked].some(({ pid, started }) => pid === each.pid && started === each.started)) {
            asked.add(each);
            signal(each, 'SIGTERM');
          }
        }
        await sleep(
          killing ? FIRST_WAIT_MS : Math.min(wait, Math.max(1, began + GRACE_MS - performance.now())),
        );
      }
    },
    leave: () => clearInterval(look),
  };
}

function isSame({ pid, started }: Process): boolean {
  return readProcess(pid)?.started === started;
}

function signal(target: Process, signal: NodeJS.Signals): void {
  if (!isSame(target)) return;
  try {
    process.kill(target.pid, signal);
  } catch {
    // It has ended since.
  }
}

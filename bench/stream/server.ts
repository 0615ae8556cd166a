import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Way } from './job.ts';

/** A server that shows what a command puts out. */
export interface Server {
  readonly pid: number;
  /** Makes ready for this command, and says by which ways `count` followers get at it. */
  show(command: readonly string[], count: number): Promise<readonly Way[]>;
  /** Resolves when nothing more goes on in the server. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

export function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error(`${child.spawnfile} cannot be started`);
  return child.pid;
}

export async function stopped(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close');
  child.kill();
  await closed;
}

/** A process of Node's whose first line says that it is ready. */
export async function startNode(
  argv: readonly string[],
): Promise<{ readonly child: ChildProcess; readonly first: string; readonly lines: AsyncIterator<string> }> {
  const child = spawn(process.execPath, argv, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done === true) throw new Error(`${argv.join(' ')} has ended at once`);
  return { child, first: first.value, lines };
}

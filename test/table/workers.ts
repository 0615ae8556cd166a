import { type Ground, holdGround, type Machine, startMachine } from '../sandbox/machine.ts';
import type { Entry } from './entry.ts';
import { openScene, type Scene } from './scene.ts';
import { settle } from './wire.ts';

/** As many servers as there are processors to run them. */
const AT_ONCE = 2;
/** So many entries are begun before somebody asks for them. */
const AHEAD = 3;

/** What comes of the entries of a table. */
export interface Work<Result> {
  /** What came of the entry with this number; begins it, and the next ones, where that has not happened. */
  result(at: number): Promise<Result>;
  close(): Promise<void>;
}

/** Gives each entry a server of its own, two at a time, and does `act` there. */
export async function work<Result>(
  entries: readonly Entry[],
  act: (scene: Scene, entry: Entry) => Promise<Result>,
): Promise<Work<Result>> {
  const ground = await holdGround();
  const clients = await Promise.all(
    Array.from({ length: AT_ONCE }, (_, at) => settled(ground, `client-${at}`)),
  );
  const idle = [...clients];
  const waiting: ((client: Machine) => void)[] = [];
  const begun = new Map<number, Promise<Result>>();
  const begin = async (at: number, entry: Entry): Promise<Result> => {
    const client = idle.pop() ?? (await new Promise<Machine>((resolve) => waiting.push(resolve)));
    try {
      return await once(ground, client, `server-${at}`, entry, act);
    } finally {
      const next = waiting.shift();
      if (next === undefined) idle.push(client);
      else next(client);
    }
  };
  return {
    result(at) {
      for (const [offset, entry] of entries.slice(at, at + 1 + AHEAD).entries()) {
        if (begun.has(at + offset)) continue;
        const result = begin(at + offset, entry);
        // A result that fails before its test asks for it is that test's affair.
        result.catch(() => undefined);
        begun.set(at + offset, result);
      }
      return begun.get(at) ?? Promise.reject(new Error(`The table has no entry ${at}.`));
    },
    async close() {
      await Promise.allSettled(begun.values());
      for (const client of clients) await client.stop();
      await ground.stop();
    },
  };
}

async function settled(ground: Ground, name: string): Promise<Machine> {
  const client = await startMachine(ground, name);
  await settle(client);
  return client;
}

async function once<Result>(
  ground: Ground,
  client: Machine,
  name: string,
  entry: Entry,
  act: (scene: Scene, entry: Entry) => Promise<Result>,
): Promise<Result> {
  const scene = await openScene(ground, client, name, entry);
  try {
    return await act(scene, entry);
  } finally {
    await scene.close();
  }
}

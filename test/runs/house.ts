import { join } from 'node:path';
import { openBook, type Book } from '../../src/runs/book.ts';
import { openRunner, type Runner } from '../../src/runs/runner.ts';
import type { Shelf } from '../../src/runs/shelf.ts';
import { openShelf } from '../../src/system/shelf.ts';
import { COPIES } from '../engine/disk.ts';
import type { Server } from '../engine/server.ts';
import { openSwitch, type FakeSwitch } from './switch.ts';

export const WHO = { user: 'root', address: '198.51.100.20', via: 'whm' } as const;
export const runId = (count: number): string => `20261122T102233Z-00000${count}`;

/** Runs on a fake server, kept in a real directory. */
export interface House {
  readonly server: Server;
  readonly shelf: Shelf;
  readonly book: Book;
  readonly runner: Runner;
  readonly deadMan: FakeSwitch;
  recording(run: string): Promise<string>;
}

/** @param first the number of the first run */
export function openHouse(folder: string, server: Server, first = 1): House {
  const kept = openShelf(join(folder, 'state'));
  const copyPath: Shelf['copyPath'] = (run, step, index) => `${COPIES}${run}/${step}-${index}`;
  const shelf = { ...kept, copyPath };
  const book = openBook(shelf);
  const deadMan = openSwitch();
  let next = first;
  const runner = openRunner({
    engine: server.ports,
    shelf,
    book,
    prepareTerminals: () => undefined,
    size: { columns: 120, rows: 40 },
    deadMan,
    newRunId: () => runId(next++),
    grew: () => undefined,
  });
  const recording = async (run: string): Promise<string> =>
    Buffer.from(await shelf.readRecording(run, 0, 1_000_000)).toString();
  return { server, shelf, book, runner, deadMan, recording };
}

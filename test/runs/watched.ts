import { openBook, type Book } from '../../src/runs/book.ts';
import { openRunner, type Runner } from '../../src/runs/runner.ts';
import type { Shelf } from '../../src/runs/shelf.ts';
import type { WatchPlaces } from '../../src/runs/watching.ts';
import { openShelf } from '../../src/system/shelf.ts';
import { COPIES } from '../engine/disk.ts';
import type { CommandResult } from '../../src/engine/ports.ts';
import type { EnginePorts } from '../../src/engine/survey.ts';
import { BOOT, RULES, settings, startServer, type Server, type ServerOptions } from '../engine/server.ts';
import { noSwitch } from './switch.ts';

export const WHO = { user: 'root', address: 'local', via: 'cli' } as const;
export const PLACES: WatchPlaces = {
  state: '/var/lib/whm-ftp-passive/watch.json',
  notify: '/opt/whm-ftp-passive/plugin/bin/notify',
  afterUpdate: '/opt/whm-ftp-passive/plugin/bin/after-update',
};

/** A server with the rooms in which runs are made and kept. */
export interface Watched {
  readonly engine: EnginePorts;
  readonly server: Server;
  readonly shelf: Shelf;
  readonly book: Book;
  readonly runner: Runner;
}

/** @param folder an empty directory, for the runs */
export function watched(folder: string, options: ServerOptions = {}): Watched {
  const server = startServer(options);
  const kept = openShelf(folder);
  const shelf = {
    ...kept,
    copyPath: (run: string, step: string, at: number) => `${COPIES}${run}/${step}-${at}`,
  };
  const book = openBook(shelf);
  let count = 0;
  const runner = openRunner({
    engine: server.ports,
    shelf,
    book,
    prepareTerminals: () => undefined,
    size: { columns: 120, rows: 40 },
    newRunId: () => `20261122T102233Z-00000${(count += 1)}`,
    grew: () => undefined,
    deadMan: noSwitch(),
  });
  return { engine: server.ports, server, shelf, book, runner };
}

/** Sets passive FTP up; answers with the run. */
export async function setUp({ runner }: Watched, some: Parameters<typeof settings>[0] = {}): Promise<string> {
  const started = await runner.apply({ settings: settings(some), who: WHO });
  if (started === null) throw new Error('There was nothing to do.');
  const { state } = await started.ended;
  if (state !== 'done') throw new Error(`The run ended ${state}.`);
  return started.run;
}

/** What cPanel's firewall script is reported to do: its own rules in the place of all, and a dump of them. */
export function rebuildFirewall({ server }: Watched): void {
  server.kernel.load(`flush ruleset\n${RULES}`);
  server.disk.put(BOOT, `flush ruleset\n${RULES}`);
}

export const exit = (
  argv: readonly string[],
  code: number | null,
  stdout = '',
  stderr = '',
): CommandResult => {
  return { argv, code, signal: null, stdout, stderr, missing: code === null, timedOut: false, ms: 1 };
};

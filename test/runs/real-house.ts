import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Files } from '../../src/engine/ports.ts';
import { openBook } from '../../src/runs/book.ts';
import { openRunner } from '../../src/runs/runner.ts';
import { files } from '../../src/system/files.ts';
import { openShelf } from '../../src/system/shelf.ts';
import { CONF, LOCAL, MAIN } from '../ftp/cpanel.ts';
import { RESTART, SETTINGS_PATH, SETUP, startServer, type Server } from '../engine/server.ts';
import type { House } from './house.ts';
import { openSwitch } from './switch.ts';

/** Files that cPanel's script reads or writes. */
const RENDERED = [LOCAL, MAIN, `${LOCAL}.cache`, `${MAIN}.cache`, CONF];

/** Runs on a server whose files are real ones, below a directory. */
export interface RealHouse extends Omit<House, 'recording'> {
  /** The rules in force, and every file of the server: path, mode and bytes. */
  everything(): string[];
  /** What is in the state's own directory. */
  kept(): string[];
}

export function openRealHouse(
  folder: string,
  server = startServer(),
  given: Partial<Server['ports']> = {},
): RealHouse {
  const at = (path: string): string => (path.startsWith(folder) ? path : join(folder, 'root', path));
  for (const [path, fact] of server.disk.snapshot()) {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), server.disk.text(path) ?? '', {
      mode: (JSON.parse(fact) as { mode: number }).mode,
    });
  }
  for (const path of [CONF, MAIN, SETTINGS_PATH]) mkdirSync(dirname(at(path)), { recursive: true });

  let started = Date.now();
  /** The script works on files in memory: they are carried there and back. */
  const carrying = (name: string): void => {
    const program = server.programs.get(name);
    server.programs.set(name, async (argv, options) => {
      for (const path of RENDERED)
        server.disk.put(path, existsSync(at(path)) ? readFileSync(at(path), 'utf8') : null);
      const result = await program?.(argv, options);
      for (const path of RENDERED) {
        const text = server.disk.text(path);
        if (text !== null && (!existsSync(at(path)) || readFileSync(at(path), 'utf8') !== text))
          writeFileSync(at(path), text);
      }
      started = Date.now();
      return result ?? server.ports.run(argv);
    });
  };
  [SETUP, RESTART].forEach(carrying);

  const placed: Files = {
    read: async (path) => {
      const fact = await files.read(at(path));
      return fact === null ? null : { ...fact, path };
    },
    probeWritable: (path) => files.probeWritable(at(path)),
    replace: (path, expects, text) => files.replace(at(path), expects, text),
    stamp: (path) => files.stamp(at(path)),
    save: (path, copy) => files.save(at(path), copy),
    discard: (copy) => files.discard(copy),
    restore: (path, copy) => files.restore(at(path), copy),
    list: (directory) => files.list(at(directory)),
    isExecutable: (path) => server.disk.files.isExecutable(path),
  };
  const { host } = server.ports;
  const engine: Server['ports'] = {
    ...server.ports,
    files: placed,
    host: {
      ...host,
      sockets: async () => {
        const { listening, open } = await host.sockets();
        return { open, listening: listening.map((each) => ({ ...each, startedMs: started })) };
      },
    },
    ...given,
  };
  const state = join(folder, 'state');
  const shelf = openShelf(state);
  const book = openBook(shelf);
  const deadMan = openSwitch();
  let count = 0;
  const runner = openRunner({
    engine,
    shelf,
    book,
    prepareTerminals: () => undefined,
    size: { columns: 120, rows: 40 },
    deadMan,
    newRunId: () => `20261122T102233Z-${String((count += 1)).padStart(6, '0')}`,
    grew: () => undefined,
  });
  return {
    server: { ...server, ports: engine },
    shelf,
    book,
    runner,
    deadMan,
    everything: () => [
      server.kernel.listing().replace(/ # handle \d+/g, ''),
      ...below(join(folder, 'root')).map(
        (path) => `${path} ${lstatSync(path).mode.toString(8)} ${readFileSync(path, 'latin1')}`,
      ),
    ],
    kept: () => (existsSync(state) ? readdirSync(state).sort() : []),
  };
}

function below(directory: string): string[] {
  const entries = readdirSync(directory, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

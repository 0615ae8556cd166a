import { createHash } from 'node:crypto';
import { ABSENT, type FileFact, type FileTag } from '../../src/core/file.ts';
import { Problem } from '../../src/core/problem.ts';
import type { Files } from '../../src/engine/ports.ts';

export interface Stored {
  readonly text: string;
  readonly mode: number;
  readonly mtimeMs: number;
}

/** Files in memory, by the rules of the real ones: tags, refused conflicts, times that change only with the bytes. */
export interface Disk {
  readonly files: Files;
  /** Paths that cannot be written. */
  readonly readOnly: Set<string>;
  readonly programs: Set<string>;
  put(path: string, text: string | null, mode?: number): void;
  text(path: string): string | null;
  /** Paths of the copies that runs keep, in order. */
  copies(): readonly string[];
  /** Everything but the copies that runs keep, one text a file: two disks are the same when these are. */
  snapshot(): ReadonlyMap<string, string>;
}

export const COPIES = '/var/lib/whm-ftp-passive/runs/';

/** @param now wall time; every write moves it on, so that no two files have one time by chance */
export function openDisk(now: () => number): Disk {
  const stored = new Map<string, Stored>();
  const readOnly = new Set<string>();
  const programs = new Set<string>();
  const put: Disk['put'] = (path, text, mode) => {
    if (text === null) stored.delete(path);
    else stored.set(path, { text, mode: mode ?? stored.get(path)?.mode ?? 0o644, mtimeMs: now() });
  };
  const factOf = (path: string): FileFact | null => {
    const file = stored.get(path);
    if (file === undefined) return null;
    return { path, text: file.text, encoding: 'utf8', tag: tagOf(file), mtimeMs: file.mtimeMs };
  };
  const files: Files = {
    read: (path) => Promise.resolve(factOf(path)),
    probeWritable(path) {
      if (!readOnly.has(path)) return Promise.resolve();
      const why = `${path} cannot be written: the file system is read-only.`;
      return Promise.reject(new Problem('access-denied', why));
    },
    async replace(path, expects, text) {
      await files.probeWritable(path);
      if ((factOf(path)?.tag ?? ABSENT) !== expects)
        throw new Problem('change-conflict', `${path} was changed.`);
      put(path, text);
      return factOf(path)?.tag ?? ABSENT;
    },
    stamp(path) {
      const file = stored.get(path);
      return Promise.resolve(file === undefined ? null : JSON.stringify(file));
    },
    async save(path, copy) {
      const file = stored.get(path);
      if (file !== undefined) stored.set(copy, file);
      return Promise.resolve(file !== undefined);
    },
    discard: (copy) => Promise.resolve(void stored.delete(copy)),
    async restore(path, copy) {
      await files.probeWritable(path);
      const file = copy === null ? undefined : stored.get(copy);
      if (file === undefined) stored.delete(path);
      else stored.set(path, file);
    },
    list: (directory) =>
      Promise.resolve(
        [...stored.keys()]
          .filter((path) => path.startsWith(`${directory}/`))
          .map((path) => path.slice(directory.length + 1)),
      ),
    isExecutable: (path) => Promise.resolve(programs.has(path)),
  };
  return {
    files,
    readOnly,
    programs,
    put,
    text: (path) => stored.get(path)?.text ?? null,
    copies: () => [...stored.keys()].filter((path) => path.startsWith(COPIES)).sort(),
    snapshot: () =>
      new Map(
        [...stored]
          .filter(([path]) => !path.startsWith(COPIES))
          .sort(([a], [b]) => a.localeCompare(b))
          .map(([path, file]) => [path, JSON.stringify(file)]),
      ),
  };
}

function tagOf(file: Stored): FileTag {
  const hash = createHash('sha256').update(file.text).digest('hex');
  return `sha256:${hash} mode:${file.mode.toString(8)} uid:0 gid:0`;
}

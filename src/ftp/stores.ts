import type { FileFacts } from '../core/file.ts';
import { parseRange, type PortRange } from '../core/range.ts';
import { readStore, type Store } from '../core/store.ts';

/** cPanel's two stores of one FTP server, `local` over `main`, and the keys in them that passive FTP needs. */
export interface Stores {
  readonly main: string;
  readonly local: string;
  /** cPanel's parse caches: one that is not older than its store is believed instead of the store (reported). */
  readonly caches: readonly string[];
  readonly rangeKey: string;
  readonly addressKey: string;
  /** The other server's keys, which people put in the wrong file, and what they do there. */
  readonly foreign: { readonly title: string; readonly keys: readonly string[]; readonly harm: string };
}

/** @param folder the directory that holds both stores */
export function storesIn(folder: string, keys: Omit<Stores, 'main' | 'local' | 'caches'>): Stores {
  const [main, local] = [`${folder}/main`, `${folder}/local`];
  return { main, local, caches: [`${main}.cache`, `${local}.cache`], ...keys };
}

export function storeOf(files: FileFacts, path: string): Store {
  return readStore(files.get(path)?.text ?? '');
}

/** A key's value and where it stands. */
export interface Configured {
  readonly path: string;
  readonly value: string | null;
}

/** What the stores say: `local` wins, an explicit null in it too. A broken store counts for nothing, as with cPanel. */
export function configuredBy(files: FileFacts, stores: Stores, key: string): Configured | null {
  for (const path of [stores.local, stores.main]) {
    const store = storeOf(files, path);
    if (store.ok && store.values.has(key)) return { path, value: store.values.get(key) ?? null };
  }
  return null;
}

/** Both servers take two bare integers with blanks between; anything else they refuse or ignore. */
export function rangeOf(value: string | null): PortRange | null {
  if (value === null || !/^\d+\s+\d+$/.test(value)) return null;
  try {
    return parseRange(value.replace(/\s+/, ' '));
  } catch {
    return null;
  }
}

/**
 * Caches that are believed although they are not of the store beside them: the store's value of a key is not in
 * them, or a key that the store does not have is.
 */
export function staleCaches(files: FileFacts, stores: Stores): string[] {
  return [stores.main, stores.local].flatMap((path) => {
    const [file, cache] = [files.get(path), files.get(`${path}.cache`)];
    const store = storeOf(files, path);
    if (!file || !cache || !store.ok || cache.mtimeMs < file.mtimeMs) return [];
    const stale = [stores.rangeKey, stores.addressKey].some((key) => {
      const value = store.values.get(key);
      return value === undefined ? cache.text.includes(key) : value !== null && !cache.text.includes(value);
    });
    return stale ? [`${path}.cache`] : [];
  });
}

/** What the daemon's file says, as texts. */
export interface Rendered {
  readonly path: string;
  readonly range: string | null;
  readonly address: string | null;
}

/**
 * Keys that somebody has set in `main`, which cPanel writes itself before it writes the daemon's file: `main` is the
 * younger of the two, and says something else.
 */
export function editedInMain(files: FileFacts, stores: Stores, rendered: Rendered): string[] {
  const [main, conf] = [files.get(stores.main), files.get(rendered.path)];
  if (!main || !conf || main.mtimeMs <= conf.mtimeMs) return [];
  const told = { [stores.rangeKey]: rendered.range, [stores.addressKey]: rendered.address };
  return [stores.rangeKey, stores.addressKey].filter((key) => {
    const configured = configuredBy(files, stores, key);
    return configured?.path === stores.main && configured.value !== null && configured.value !== told[key];
  });
}

/** Whether the daemon's file was written after `local` was. */
export function isRendered(files: FileFacts, stores: Stores, conf: string): boolean {
  const [local, rendered] = [files.get(stores.local), files.get(conf)];
  return rendered != null && (local == null || rendered.mtimeMs >= local.mtimeMs);
}

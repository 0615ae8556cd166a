import type { FileFact, FileFacts } from '../core/file.ts';
import { phrase } from '../core/phrase.ts';
import { DEFAULT_RANGE, formatRange, sameRange, type PortRange } from '../core/range.ts';
import { removeKey, setKey } from '../core/store.ts';
import type { FileChange, PassiveWish } from './server.ts';
import {
  configuredBy,
  editedInMain,
  rangeOf,
  staleCaches,
  storeOf,
  type Rendered,
  type Stores,
} from './stores.ts';
import { tidied } from './tidy.ts';

/** The texts of both stores, to be edited; null where there is no file. */
export interface StoreTexts {
  readonly local: string | null;
  readonly main: string | null;
}

/** A server's files with both stores tidied. @throws Problem `invalid` when one cannot be edited by lines */
export function tidyFiles(files: FileFacts, stores: Stores): FileFacts {
  const after = new Map<string, FileFact | null>(files);
  for (const path of [stores.local, stores.main]) {
    const file = files.get(path);
    if (file) after.set(path, { ...file, text: tidied(file.text, stores) });
  }
  return after;
}

export function textsOf(files: FileFacts, stores: Stores): StoreTexts {
  return { local: files.get(stores.local)?.text ?? null, main: files.get(stores.main)?.text ?? null };
}

/** Whether a key's place or number is to be mended although its value may be right. */
export function isMisplaced(files: FileFacts, stores: Stores, rendered: Rendered, key: string): boolean {
  const [local, main] = [storeOf(files, stores.local), storeOf(files, stores.main)];
  const overridden = local.ok && local.values.has(key);
  return (
    (local.ok && local.duplicates.includes(key)) ||
    (main.ok && main.duplicates.includes(key) && !overridden) ||
    editedInMain(files, stores, rendered).includes(key)
  );
}

/** `local` with the wished range where the stores do not say it yet. `files`: tidied. */
export function setRange(
  texts: StoreTexts,
  files: FileFacts,
  stores: Stores,
  rendered: Rendered,
  range: PortRange,
): StoreTexts {
  const value = configuredBy(files, stores, stores.rangeKey)?.value ?? null;
  const inFile = rangeOf(rendered.range);
  // Only cPanel's default range needs no entry: another one that only the daemon's file has may not outlive a rebuild.
  const kept = value === null ? (sameRange(inFile, DEFAULT_RANGE) ? inFile : null) : rangeOf(value);
  if (sameRange(kept, range) && !isMisplaced(files, stores, rendered, stores.rangeKey)) return texts;
  return { ...texts, local: setKey(texts.local ?? '', stores.rangeKey, formatRange(range, 'space')) };
}

/** Both stores without the address, so that none of them can bring it back. */
export function removeAddress({ local, main }: StoreTexts, { addressKey }: Stores): StoreTexts {
  const without = (text: string | null): string | null =>
    text === null ? null : removeKey(text, addressKey);
  return { local: without(local), main: without(main) };
}

/** The writes that make the files say `texts`, and take caches away that would hide them. */
export function storeWrites(
  files: FileFacts,
  stores: Stores,
  texts: StoreTexts,
  wish: PassiveWish,
): FileChange[] {
  const writes: FileChange[] = [];
  const { local, main } = textsOf(files, stores);
  if (texts.local !== null && texts.local !== local) {
    const title = phrase`Set passive FTP in ${stores.local}`;
    writes.push({ path: stores.local, after: texts.local, title, why: whyLocal(wish) });
  }
  if (texts.main !== null && texts.main !== main) {
    const why = phrase`cPanel takes over what stands here at every rebuild, so what is wrong goes here too.`;
    writes.push({ path: stores.main, after: texts.main, title: phrase`Mend ${stores.main}`, why });
  }
  return writes;
}

export function cacheWrites(files: FileFacts, stores: Stores): FileChange[] {
  const why = phrase`cPanel believes this copy instead of its settings while it looks current; it is made anew.`;
  const present = stores.caches.filter((path) => files.get(path));
  return present.map((path) => ({ path, after: null, title: phrase`Remove ${path}`, why }));
}

/** Whether caches hide a store, however right it is. */
export function isHidden(files: FileFacts, stores: Stores): boolean {
  return staleCaches(files, stores).length > 0;
}

function whyLocal(wish: PassiveWish): string {
  const address =
    wish.address === null
      ? phrase`clients are told the address that they reached`
      : phrase`clients are told ${wish.address}, which NAT maps to this server`;
  return phrase`Passive ports ${formatRange(wish.range)}; ${address}. This file goes before cPanel’s own one beside it, and each setting stands in it once.`;
}

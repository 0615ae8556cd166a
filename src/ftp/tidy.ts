import { repairStore } from '../core/store-repair.ts';
import { readStore, removeKey } from '../core/store.ts';
import type { Stores } from './stores.ts';

/** Every key by which either server is told about passive FTP. */
export function passiveKeys(stores: Stores): string[] {
  return [stores.rangeKey, stores.addressKey, ...stores.foreign.keys];
}

/**
 * A store that every parser reads alike, without the other server's keys; unchanged where it is so already.
 * @throws Problem `invalid` when an entry cannot be taken out by lines
 */
export function tidied(text: string, stores: Stores): string {
  const after = repairStore(text, passiveKeys(stores))?.text ?? text;
  const store = readStore(after);
  if (!store.ok) return text;
  return stores.foreign.keys
    .filter((key) => store.values.has(key))
    .reduce((left, key) => removeKey(left, key), after);
}

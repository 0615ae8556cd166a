import { isIpv6, isIpv4 } from '../core/address.ts';
import type { FileFacts } from '../core/file.ts';
import type { Finding } from '../core/finding.ts';
import { phrase } from '../core/phrase.ts';
import { repairStore } from '../core/store-repair.ts';
import {
  configuredBy,
  editedInMain,
  rangeOf,
  staleCaches,
  storeOf,
  type Rendered,
  type Stores,
} from './stores.ts';
import { passiveKeys } from './tidy.ts';

/** What is wrong with a server's stores, the broken ones first. */
export function storeFindings(files: FileFacts, stores: Stores, rendered: Rendered): Finding[] {
  const paths = [stores.local, stores.main];
  return [
    ...paths.flatMap((path) => shapeFindings(files, path, stores)),
    ...paths.flatMap((path) => foreignKeys(files, path, stores)),
    ...paths.flatMap((path) => duplicateKeys(files, path, stores)),
    ...staleCaches(files, stores).map(staleCache),
    ...editedInMain(files, stores, rendered).map((key) => editedMain(key, stores)),
    ...rangeFindings(files, stores),
    ...addressFindings(files, stores),
  ];
}

/** Why nothing can be changed until a person has repaired a store; null when all can be. */
export function storeRefusal(files: FileFacts, stores: Stores): string | null {
  const path = [stores.local, stores.main].find((each) => {
    return repairStore(files.get(each)?.text ?? '', passiveKeys(stores)) === null;
  });
  return path === undefined ? null : brokenFact(files, path);
}

function brokenFact(files: FileFacts, path: string): string {
  const store = storeOf(files, path);
  const where = store.ok ? '' : phrase` at line ${store.line}: ${store.why}`;
  return phrase`${path} is not valid YAML${where}. cPanel ignores such a file without a word.`;
}

function shapeFindings(files: FileFacts, path: string, stores: Stores): Finding[] {
  const text = files.get(path)?.text ?? '';
  const repair = repairStore(text, passiveKeys(stores));
  const store = storeOf(files, path);
  const found: Finding[] = [];
  if (!store.ok) {
    const fix =
      repair === null
        ? phrase`Repair line ${store.line} of ${path}, then try again.`
        : phrase`Setting up passive FTP repairs it; its other entries count again then.`;
    const title = phrase`A settings file of the FTP server is broken`;
    found.push({ id: 'store-broken', level: 'bad', title, fact: brokenFact(files, path), fix });
  }
  if (repair?.windows === true) {
    found.push({
      id: 'store-windows',
      level: 'warn',
      title: phrase`A settings file has Windows line ends`,
      fact: phrase`${path} has carriage returns or a byte order mark, which may become part of a key or a value.`,
      fix: phrase`Setting up passive FTP writes it with Unix line ends.`,
    });
  }
  if (repair?.indented === true) {
    found.push({
      id: 'store-indented',
      level: 'warn',
      title: phrase`A settings file is indented`,
      fact: phrase`${path} has blanks before its keys; one more line without them makes the whole file unreadable.`,
      fix: phrase`Setting up passive FTP removes the blanks.`,
    });
  }
  return found;
}

function foreignKeys(files: FileFacts, path: string, { foreign }: Stores): Finding[] {
  const store = storeOf(files, path);
  const keys = store.ok ? foreign.keys.filter((key) => store.values.has(key)) : [];
  return keys.map((key) => ({
    id: 'store-foreign-key',
    level: 'warn',
    title: phrase`${key} stands in the wrong file`,
    fact: phrase`${path} has ${key}, a setting of ${foreign.title}. ${foreign.harm}`,
    fix: phrase`Setting up passive FTP removes it.`,
  }));
}

function duplicateKeys(files: FileFacts, path: string, stores: Stores): Finding[] {
  const store = storeOf(files, path);
  const keys = [stores.rangeKey, stores.addressKey];
  const repeated = store.ok ? store.duplicates.filter((key) => keys.includes(key)) : [];
  return repeated.map((key) => {
    const overridden = path === stores.main && configuredBy(files, stores, key)?.path === stores.local;
    return {
      id: 'store-duplicate-key',
      level: overridden ? 'info' : 'warn',
      title: phrase`${key} stands more than once`,
      fact: phrase`${path} has several entries of ${key}; which one counts is not defined.`,
      fix: overridden
        ? phrase`The entry in ${stores.local} overrides them.`
        : phrase`Setting up passive FTP leaves exactly one.`,
    };
  });
}

function staleCache(path: string): Finding {
  return {
    id: 'store-cache-stale',
    level: 'warn',
    title: phrase`An old cache hides the settings`,
    fact: phrase`${path} is not older than its store and says something else; cPanel believes it.`,
    fix: phrase`Setting up passive FTP removes it.`,
  };
}

function editedMain(key: string, { main, local }: Stores): Finding {
  return {
    id: 'main-edited',
    level: 'warn',
    title: phrase`${key} was set in the wrong file`,
    fact: phrase`${main} was written by hand, but cPanel writes it itself at every rebuild; own settings belong in ${local}.`,
    fix: phrase`Setting up passive FTP puts ${key} in ${local}.`,
  };
}

function rangeFindings(files: FileFacts, stores: Stores): Finding[] {
  const configured = configuredBy(files, stores, stores.rangeKey);
  if (configured === null || configured.value === null || rangeOf(configured.value) !== null) return [];
  return [
    {
      id: 'range-unreadable',
      level: 'bad',
      title: phrase`The passive ports in the settings are not two ports`,
      fact: phrase`${configured.path} says ${stores.rangeKey}: ${configured.value}; right is a lower and a higher port from 1024 on with a blank between.`,
      fix: phrase`Setting up passive FTP writes them right.`,
    },
  ];
}

/** Whether a server can be told this address: an IPv4 literal always, a name where the server can look it up. */
export function isAdvertisable(address: string): boolean {
  return isIpv4(address) || isHostName(address);
}

function isHostName(text: string): boolean {
  return /^(?=.*[a-z])[a-z0-9-]+(\.[a-z0-9-]+)*\.?$/i.test(text);
}

function addressFindings(files: FileFacts, stores: Stores): Finding[] {
  const configured = configuredBy(files, stores, stores.addressKey);
  const value = configured?.value ?? null;
  if (configured === null || value === null || isIpv4(value)) return [];
  const says = phrase`${configured.path} says ${stores.addressKey}: ${value === '~' ? "'~'" : value}`;
  const fix = phrase`Setting up passive FTP writes the right address; where it is not known, name it.`;
  if (value === '~') {
    const fact = phrase`${says}; in quotes the tilde is a text, and the server takes it for an address.`;
    return [
      { id: 'address-quoted-tilde', level: 'bad', title: phrase`A quoted tilde is no address`, fact, fix },
    ];
  }
  if (isHostName(value)) {
    const fact = phrase`${says}; every session waits for the name to be looked up, and fails or names a wrong address when that does.`;
    return [
      { id: 'address-host-name', level: 'warn', title: phrase`A host name is told as address`, fact, fix },
    ];
  }
  const what = isIpv6(value) ? phrase`an IPv6 address` : phrase`no address`;
  const fact = phrase`${says}, which is ${what}; PASV can only name an IPv4 address.`;
  return [
    { id: 'address-not-ipv4', level: 'bad', title: phrase`The address told is no IPv4 address`, fact, fix },
  ];
}

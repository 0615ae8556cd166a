import type { FileFact, FileFacts } from '../../src/core/file.ts';
import { readStore } from '../../src/core/store.ts';

export const FOLDER = '/var/cpanel/conf/pureftpd';
export const LOCAL = `${FOLDER}/local`;
export const MAIN = `${FOLDER}/main`;
export const CONF = '/etc/pure-ftpd.conf';

/** A private address of the server and the public one that NAT maps to it; both empty without NAT. */
export interface NatMap {
  readonly local: string;
  readonly public: string;
}
export const NO_NAT: NatMap = { local: '', public: '' };

/** What the package lays beside the daemon's file; it is copied where that is missing. */
const SAMPLE = '# ForcePassiveIP 192.168.0.1\n';

type Values = Record<string, string | null>;

const DEFAULTS: Values = { PassivePortRange: '49152 65534', TLS: '1', MaxClientsPerIP: '8' };

export function fact(path: string, text: string, mtimeMs: number): FileFact {
  return { path, text, encoding: 'utf8', tag: `of ${text}`, mtimeMs };
}

/**
 * What cPanel reportedly does to turn stores into the daemon's file: `local` over `main` over what the file says over
 * defaults, the result kept in `main`, the file edited in place. A cache that is not older than its store is believed,
 * a store that is no YAML counts as empty. Answers with all files as they are then.
 */
export function render(files: FileFacts, nat: NatMap, now: number): Map<string, FileFact | null> {
  const conf = files.get(CONF)?.text ?? SAMPLE;
  const merged: Values = {
    ...DEFAULTS,
    ...valuesOfConf(conf),
    ...storeValues(files, MAIN),
    ...storeValues(files, LOCAL),
  };
  const { ForcePassiveIP: address } = merged;
  if (nat.public !== '' && (address === undefined || (address !== null && address !== nat.public))) {
    merged['ForcePassiveIP'] = nat.public;
  }
  const after = new Map(files);
  const main = Object.entries(merged).map(
    ([key, value]) => `${key}: ${value === null ? '~' : yaml(value)}\n`,
  );
  after.set(MAIN, fact(MAIN, `---\n${main.join('')}`, now));
  after.set(`${MAIN}.cache`, fact(`${MAIN}.cache`, JSON.stringify(merged), now));
  after.set(`${LOCAL}.cache`, fact(`${LOCAL}.cache`, JSON.stringify(storeValues(files, LOCAL)), now));
  after.set(CONF, fact(CONF, editConf(conf, merged), now));
  return after;
}

function storeValues(files: FileFacts, path: string): Values {
  const [file, cache] = [files.get(path), files.get(`${path}.cache`)];
  if (file && cache && cache.mtimeMs >= file.mtimeMs) return JSON.parse(cache.text) as Values;
  const store = readStore(file?.text ?? '');
  return store.ok ? Object.fromEntries(store.values) : {};
}

function valuesOfConf(text: string): Values {
  const lines = text.split('\n').flatMap((line) => {
    const [, key, value] = /^\s*([A-Za-z]\w*)\s+(\S.*?)\s*$/.exec(line) ?? [];
    return key === undefined || value === undefined ? [] : [[key, value] as const];
  });
  return Object.fromEntries(lines);
}

/**
 * The first line of a key takes its value, in force or commented out; further ones and null ones become comments. A
 * key without a line gets one, without a value for a null.
 */
function editConf(text: string, values: Values): string {
  const seen = new Set<string>();
  const lines = text.split('\n').map((line) => {
    const [, hash = '', key = ''] = /^\s*(#?)\s*([A-Za-z]\w*)\s+\S+( \S+)?\s*$/.exec(line) ?? [];
    const value = values[key];
    if (value === undefined) return line;
    const first = !seen.has(key);
    seen.add(key);
    if (first && value !== null) return `${key} ${value}`;
    return hash === '' ? `# ${line}` : line;
  });
  const missing = Object.keys(values).filter((key) => !seen.has(key));
  return `${lines.join('\n').trimEnd()}\n${missing.map((key) => `${key} ${values[key] ?? ''}\n`).join('')}`;
}

function yaml(value: string): string {
  return /^(yes|no|~)$|[:#'!]/i.test(value) ? `'${value.replaceAll("'", "''")}'` : value;
}

import { readDirective } from '../core/conf.ts';
import type { FileFacts } from '../core/file.ts';
import type { Finding } from '../core/finding.ts';
import { Problem } from '../core/problem.ts';
import { DEFAULT_RANGE, formatRange, parseRange, sameRange, type PortRange } from '../core/range.ts';
import { readStore, setKey, type Store } from '../core/store.ts';
import type { FileChange, FtpChange, FtpReading, FtpServer, PassiveWish, RunningDaemon } from './server.ts';

const STORES = '/var/cpanel/conf/pureftpd';
const MAIN = `${STORES}/main`;
const LOCAL = `${STORES}/local`;
/** cPanel's parse caches: one that is not older than its store is believed instead of the store (reported). */
const CACHES = [`${MAIN}.cache`, `${LOCAL}.cache`] as const;
const CONF = '/etc/pure-ftpd.conf';
const RANGE_KEY = 'PassivePortRange';
const ADDRESS_KEY = 'ForcePassiveIP';
const SETUP = '/usr/local/cpanel/scripts/setupftpserver';
const RESTART = '/usr/local/cpanel/scripts/restartsrv_ftpd';
/** A file's time and a process's start are told by different clocks of the kernel. */
const CLOCK_SLACK_MS = 50;

/** Pure-FTPd as cPanel keeps it: two YAML stores, `local` over `main`, rendered into one file. */
export const pureftpd: FtpServer = {
  name: 'pure-ftpd',
  process: 'pure-ftpd',
  files: [MAIN, LOCAL, ...CACHES, CONF],
  read,
  controlPort,
  change,
};

function read(files: FileFacts, daemon: RunningDaemon | null): FtpReading {
  const conf = files.get(CONF) ?? null;
  const confText = conf?.text ?? '';
  const rendered = {
    range: rangeOf(readDirective(confText, RANGE_KEY).at(-1) ?? null),
    address: readDirective(confText, ADDRESS_KEY).at(-1) ?? null,
  };
  // The daemon reads its file when it starts and never again, so a daemon younger than the file runs with it.
  const current = daemon !== null && conf !== null && daemon.startedMs >= conf.mtimeMs - CLOCK_SLACK_MS;
  const configured = {
    range: rangeOf(configuredValue(files, RANGE_KEY)),
    address: configuredValue(files, ADDRESS_KEY),
  };
  const broken = brokenStores(files);
  return {
    controlPort: controlPort(files),
    running: daemon !== null,
    range: { configured: configured.range, rendered: rendered.range, live: current ? rendered.range : null },
    passiveAddress: {
      configured: configured.address,
      rendered: rendered.address,
      live: current ? rendered.address : null,
    },
    refusal: broken[0]?.fact ?? null,
    findings: [
      ...broken,
      ...duplicateKeys(files),
      ...(conf === null ? [missingConf()] : []),
      ...(daemon !== null && conf !== null && !current ? [olderDaemon(daemon)] : []),
    ],
  };
}

function controlPort(files: FileFacts): number {
  const bind = readDirective(files.get(CONF)?.text ?? '', 'Bind').at(-1) ?? '21';
  return Number(bind.split(',').at(-1)) || 21;
}

function change(files: FileFacts, reading: FtpReading, wish: PassiveWish): FtpChange | null {
  if (reading.refusal !== null) throw new Problem('invalid', reading.refusal);
  const before = files.get(LOCAL)?.text ?? null;
  const after = editLocal(before ?? '', files, reading, wish);
  const right = [reading.range.rendered, reading.range.live].every((range) => sameRange(range, wish.range));
  const rightAddress = [reading.passiveAddress.rendered, reading.passiveAddress.live].every(
    (each) => each === wish.address,
  );
  const edited = after !== (before ?? '');
  if (!edited && right && rightAddress && reading.running) return null;

  const writes: FileChange[] = [];
  if (edited) writes.push({ path: LOCAL, after, title: `Set passive FTP in ${LOCAL}`, why: whyStore(wish) });
  for (const cache of CACHES.filter((path) => files.get(path))) {
    const why = 'cPanel believes this cache instead of the store while it looks current; it is made anew.';
    writes.push({ path: cache, after: null, title: `Remove ${cache}`, why });
  }
  return {
    writes,
    render: { command: [SETUP, 'pure-ftpd', '--force'], touches: [MAIN, LOCAL, ...CACHES, CONF] },
    restart: [RESTART],
  };
}

function editLocal(text: string, files: FileFacts, reading: FtpReading, wish: PassiveWish): string {
  let after = text;
  const local = storeOf(files, LOCAL);
  const untidy = (key: string): boolean => local.ok && local.duplicates.includes(key);
  const { configured, rendered } = reading.range;
  // Only cPanel's default range needs no entry: another one that only the daemon's file has may not outlive a rebuild.
  const kept = configured ?? (sameRange(rendered, DEFAULT_RANGE) ? rendered : null);
  const rangeStands = sameRange(kept, wish.range) && configuredIsReadable(files);
  if (!rangeStands || untidy(RANGE_KEY)) after = setKey(after, RANGE_KEY, formatRange(wish.range, 'space'));
  // A key that no store has leaves what the daemon's file says in force.
  const { configured: address, rendered: renderedAddress } = reading.passiveAddress;
  const addressStands =
    address === wish.address && (hasKey(files, ADDRESS_KEY) || renderedAddress === wish.address);
  if (!addressStands || untidy(ADDRESS_KEY)) after = setKey(after, ADDRESS_KEY, wish.address);
  return after;
}

function configuredIsReadable(files: FileFacts): boolean {
  const value = configuredValue(files, RANGE_KEY);
  return value === null || rangeOf(value) !== null;
}

function whyStore(wish: PassiveWish): string {
  const address =
    wish.address === null
      ? 'clients are told the address that they reached'
      : `clients are told ${wish.address}, which NAT maps to this server`;
  return `Passive ports ${formatRange(wish.range)}; ${address}. This file overrides main, and each key stands in it once.`;
}

/** What the stores say: `local` wins, an explicit null in it too. A broken store counts for nothing, as with cPanel. */
function configuredValue(files: FileFacts, key: string): string | null {
  for (const path of [LOCAL, MAIN]) {
    const store = storeOf(files, path);
    if (store.ok && store.values.has(key)) return store.values.get(key) ?? null;
  }
  return null;
}

function hasKey(files: FileFacts, key: string): boolean {
  return [LOCAL, MAIN].map((path) => storeOf(files, path)).some((store) => store.ok && store.values.has(key));
}

function storeOf(files: FileFacts, path: string): Store {
  return readStore(files.get(path)?.text ?? '');
}

/** Pure-FTPd takes two bare integers with blanks between; anything else it refuses or ignores. */
function rangeOf(value: string | null): PortRange | null {
  if (value === null || !/^\d+\s+\d+$/.test(value)) return null;
  try {
    return parseRange(value.replace(/\s+/, ' '));
  } catch {
    return null;
  }
}

function brokenStores(files: FileFacts): Finding[] {
  return [LOCAL, MAIN].flatMap((path) => {
    const store = storeOf(files, path);
    if (store.ok) return [];
    const fact = `${path} is not valid YAML at line ${store.line}: ${store.why}. cPanel ignores such a file without a word.`;
    return [
      {
        id: 'store-broken',
        level: 'bad',
        title: 'A settings file of the FTP server is broken',
        fact,
        fix: `Repair line ${store.line} of ${path}, then try again.`,
      } as const,
    ];
  });
}

function duplicateKeys(files: FileFacts): Finding[] {
  return [LOCAL, MAIN].flatMap((path) => {
    const store = storeOf(files, path);
    const repeated = store.ok
      ? store.duplicates.filter((key) => key === RANGE_KEY || key === ADDRESS_KEY)
      : [];
    return repeated.map((key) => ({
      id: 'store-duplicate-key',
      level: 'warn' as const,
      title: `${key} stands more than once`,
      fact: `${path} has several entries of ${key}; which one counts is not defined.`,
      fix:
        path === LOCAL
          ? 'Setting up passive FTP leaves exactly one.'
          : `An entry in ${LOCAL} overrides them.`,
    }));
  });
}

function missingConf(): Finding {
  const fix = 'Setting up passive FTP lets cPanel write it.';
  return {
    id: 'conf-missing',
    level: 'bad',
    title: 'The FTP server has no settings',
    fact: `${CONF} does not exist.`,
    fix,
  };
}

function olderDaemon(daemon: RunningDaemon): Finding {
  return {
    id: 'daemon-older-than-conf',
    level: 'warn',
    title: 'The FTP server may run with older settings',
    fact: `${CONF} was written after process ${daemon.pid} had started, and Pure-FTPd reads it only at its start.`,
    fix: 'Setting up passive FTP restarts it.',
  };
}

import { dropLines, mentions, readDirective } from '../core/conf.ts';
import type { FileFacts } from '../core/file.ts';
import { phrase } from '../core/phrase.ts';
import { Problem } from '../core/problem.ts';
import { sameRange } from '../core/range.ts';
import { setKey } from '../core/store.ts';
import { confFindings, isCurrent } from './daemon.ts';
import { mainBehindNat, NAT_FILES } from './nat.ts';
import { clientLimit, pureftpdFindings } from './pureftpd-findings.ts';
import { rebuild } from './rebuild.ts';
import type { FtpChange, FtpReading, FtpServer, PassiveWish, RunningDaemon } from './server.ts';
import {
  cacheWrites,
  isHidden,
  isMisplaced,
  removeAddress,
  setRange,
  storeWrites,
  textsOf,
  tidyFiles,
  type StoreTexts,
} from './store-edits.ts';
import { storeFindings, storeRefusal } from './store-findings.ts';
import { configuredBy, isRendered, rangeOf, storesIn, type Rendered } from './stores.ts';

const RANGE_KEY = 'PassivePortRange';
const ADDRESS_KEY = 'ForcePassiveIP';
const STORES = storesIn('/var/cpanel/conf/pureftpd', {
  rangeKey: RANGE_KEY,
  addressKey: ADDRESS_KEY,
  foreign: {
    title: 'ProFTPD',
    keys: ['PassivePorts', 'MasqueradeAddress'],
    harm: phrase`cPanel hands it on to Pure-FTPd, which may not start with it.`,
  },
});
const CONF = '/etc/pure-ftpd.conf';
const WRITTEN = [STORES.main, STORES.local, ...STORES.caches, CONF];

/** Pure-FTPd as cPanel keeps it: two YAML stores, `local` over `main`, rendered into one file. */
export const pureftpd: FtpServer = {
  name: 'pure-ftpd',
  title: 'Pure-FTPd',
  process: 'pure-ftpd',
  tellsEach: false,
  files: [...WRITTEN, ...NAT_FILES],
  included: () => [],
  read,
  controlPort,
  change,
};

function renderedOf(files: FileFacts): Rendered {
  const text = files.get(CONF)?.text ?? '';
  const last = (key: string): string | null => readDirective(text, key).at(-1) ?? null;
  return { path: CONF, range: last(RANGE_KEY), address: last(ADDRESS_KEY) };
}

function read(files: FileFacts, daemon: RunningDaemon | null): FtpReading {
  const conf = files.get(CONF) ?? null;
  const rendered = renderedOf(files);
  const range = rangeOf(rendered.range);
  const current = isCurrent(daemon, conf);
  return {
    controlPort: controlPort(files),
    running: daemon !== null,
    range: {
      configured: rangeOf(configuredBy(files, STORES, RANGE_KEY)?.value ?? null),
      rendered: range,
      live: current ? range : null,
    },
    passiveAddress: {
      configured: configuredBy(files, STORES, ADDRESS_KEY)?.value ?? null,
      rendered: rendered.address,
      live: current ? rendered.address : null,
    },
    clients: clientLimit(conf?.text ?? ''),
    hosts: [],
    refusal: storeRefusal(files, STORES),
    findings: [
      ...storeFindings(files, STORES, rendered),
      ...confFindings('Pure-FTPd', CONF, conf, daemon),
      ...pureftpdFindings(CONF, conf?.text ?? '', controlPort(files)),
    ],
  };
}

function controlPort(files: FileFacts): number {
  const bind = readDirective(files.get(CONF)?.text ?? '', 'Bind').at(-1) ?? '21';
  return Number(bind.split(',').at(-1)) || 21;
}

function change(files: FileFacts, reading: FtpReading, wish: PassiveWish): FtpChange | null {
  if (reading.refusal !== null) throw new Problem('invalid', reading.refusal);
  const tidy = tidyFiles(files, STORES);
  const rendered = renderedOf(files);
  const ranged = setRange(textsOf(tidy, STORES), tidy, STORES, rendered, wish.range);
  const texts = setAddress(ranged, tidy, rendered, wish.address);
  const writes = [
    ...storeWrites(files, STORES, texts, wish),
    ...confWrites(files, needsNull(files, wish.address)),
  ];
  const right = [reading.range.rendered, reading.range.live].every((range) => sameRange(range, wish.range));
  const rightAddress = [reading.passiveAddress.rendered, reading.passiveAddress.live].every(
    (each) => each === wish.address,
  );
  if (writes.length === 0 && right && rightAddress && reading.running && !isHidden(files, STORES))
    return null;
  return {
    writes: [...writes, ...cacheWrites(files, STORES)],
    ...rebuild('pure-ftpd', WRITTEN),
  };
}

/** Behind NAT cPanel tells the public address where no store has the key, so that only an explicit `~` tells none. */
function needsNull(files: FileFacts, address: string | null): boolean {
  return address === null && mainBehindNat(files) !== null;
}

/** `~` comments the line of the daemon's file out; where there is none, it would become a line without a value. */
function setAddress(
  texts: StoreTexts,
  files: FileFacts,
  rendered: Rendered,
  address: string | null,
): StoreTexts {
  const configured = configuredBy(files, STORES, ADDRESS_KEY);
  const conf = files.get(CONF)?.text;
  const needed = needsNull(files, address);
  const takesNull = needed || conf === undefined || mentions(conf, ADDRESS_KEY);
  const proven = isRendered(files, STORES, CONF) && rendered.address === null;
  // A key that no store has leaves what the daemon's file says in force.
  const stands =
    configured === null
      ? address === null && rendered.address === null && !needed
      : configured.value === address && (address !== null || takesNull || proven);
  if (stands && !isMisplaced(files, STORES, rendered, ADDRESS_KEY)) return texts;
  if (address === null && !takesNull) return removeAddress(texts, STORES);
  return { ...texts, local: setKey(texts.local ?? '', ADDRESS_KEY, address) };
}

/**
 * Lines that Pure-FTPd does not start with, and that cPanel would keep.
 * @param takesNull the file must have a line that cPanel can make a comment of
 */
function confWrites(files: FileFacts, takesNull: boolean): FtpChange['writes'] {
  const text = files.get(CONF)?.text;
  if (text === undefined) return [];
  const bare = [RANGE_KEY, ADDRESS_KEY].reduce((left, key) => dropLines(left, key, true), text);
  const clean = STORES.foreign.keys.reduce((left, key) => dropLines(left, key, false), bare);
  if (takesNull && !mentions(clean, ADDRESS_KEY)) {
    const why = phrase`cPanel makes a comment of this line for "${ADDRESS_KEY}: ~"; without one it would add a line without a value, with which Pure-FTPd does not start.`;
    const after = `${clean.replace(/(?<=[^\n])$/, '\n')}# ${ADDRESS_KEY} 192.0.2.1\n`;
    return [{ path: CONF, after, title: phrase`Let ${CONF} have a line for ${ADDRESS_KEY}`, why }];
  }
  const why = phrase`Pure-FTPd does not start with lines that it does not know or that have no value.`;
  return clean === text
    ? []
    : [{ path: CONF, after: clean, title: phrase`Take wrong lines out of ${CONF}`, why }];
}

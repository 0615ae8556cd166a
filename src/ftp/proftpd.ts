import { addressKind, isIpv4 } from '../core/address.ts';
import type { FileFacts } from '../core/file.ts';
import type { Finding } from '../core/finding.ts';
import { phrase } from '../core/phrase.ts';
import { Problem } from '../core/problem.ts';
import { formatRange, sameRange } from '../core/range.ts';
import { setKey } from '../core/store.ts';
import { confFindings, isCurrent } from './daemon.ts';
import { mainBehindNat, NAT_FILES, natPairs } from './nat.ts';
import { directivesIn, effective, readProftpdConf } from './proftpd-conf.ts';
import { ADDRESS, editProftpdConf, RANGE, valueOf } from './proftpd-edit.ts';
import { proftpdFindings } from './proftpd-findings.ts';
import { includedPaths, includeFindings } from './proftpd-include.ts';
import { clientLimit, hostsOf, mannerFindings } from './proftpd-manner.ts';
import { rebuild } from './rebuild.ts';
import type { FileChange, FtpChange, FtpReading, FtpServer, PassiveWish, RunningDaemon } from './server.ts';
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
import { configuredBy, isRendered, rangeOf, storeOf, storesIn, type Rendered } from './stores.ts';

const STORES = storesIn('/var/cpanel/conf/proftpd', {
  rangeKey: RANGE,
  addressKey: ADDRESS,
  foreign: {
    title: 'Pure-FTPd',
    keys: ['PassivePortRange', 'ForcePassiveIP'],
    harm: phrase`ProFTPD never gets it.`,
  },
});
const CONF = '/etc/proftpd.conf';
const PROGRAM = '/usr/sbin/proftpd';
const WRITTEN = [STORES.main, STORES.local, ...STORES.caches, CONF];

/** ProFTPD as cPanel keeps it: two YAML stores, `local` over `main`, rendered into a file with sections. */
export const proftpd: FtpServer = {
  name: 'proftpd',
  title: 'ProFTPD',
  process: 'proftpd',
  tellsEach: true,
  files: [...WRITTEN, ...NAT_FILES],
  included: (files) => includedPaths(files.get(CONF)?.text ?? ''),
  read,
  controlPort,
  change,
};

function read(files: FileFacts, daemon: RunningDaemon | null): FtpReading {
  const conf = files.get(CONF) ?? null;
  const rendered = renderedOf(files);
  const range = rangeOf(rendered.range);
  const address = toldByNone(files, rendered.address);
  const current = isCurrent(daemon, conf);
  return {
    controlPort: controlPort(files),
    running: daemon !== null,
    range: {
      configured: rangeOf(configuredBy(files, STORES, RANGE)?.value ?? null),
      rendered: range,
      live: current ? range : null,
    },
    passiveAddress: {
      configured: toldByNone(files, configuredBy(files, STORES, ADDRESS)?.value ?? null),
      rendered: address,
      live: current ? address : null,
    },
    clients: clientLimit(conf?.text ?? ''),
    hosts: hostsOf(conf?.text ?? ''),
    refusal: storeRefusal(files, STORES),
    findings: [
      ...storeFindings(files, STORES, rendered),
      ...nullFinding(files, rendered),
      ...confFindings('ProFTPD', CONF, conf, daemon),
      ...(conf === null ? [] : proftpdFindings(CONF, conf.text, hostAddress(files, address))),
      ...includeFindings(CONF, files),
      ...mannerFindings(CONF, conf?.text ?? '', controlPort(files)),
    ],
  };
}

function renderedOf(files: FileFacts): Rendered {
  const conf = readProftpdConf(files.get(CONF)?.text ?? '');
  const value = (name: string): string | null => valueOf(effective(conf, conf.server, name));
  return { path: CONF, range: value(RANGE), address: value(ADDRESS) };
}

/** The first one counts. */
function controlPort(files: FileFacts): number {
  const conf = readProftpdConf(files.get(CONF)?.text ?? '');
  return Number(directivesIn(conf, conf.server, 'Port')[0]?.words[1]) || 21;
}

function change(files: FileFacts, reading: FtpReading, wish: PassiveWish): FtpChange | null {
  if (reading.refusal !== null) throw new Problem('invalid', reading.refusal);
  const tidy = tidyFiles(files, STORES);
  const rendered = renderedOf(files);
  // Without an address in its file cPanel adds the public one there, so telling none is written as the local one.
  const address = wish.address ?? mainBehindNat(files);
  const ranged = setRange(textsOf(tidy, STORES), tidy, STORES, rendered, wish.range);
  const texts = setAddress(ranged, tidy, rendered, address);
  const writes = [...storeWrites(files, STORES, texts, wish), ...confWrites(files, wish, address)];
  const { range, passiveAddress } = reading;
  const live = sameRange(range.live, wish.range) && passiveAddress.live === wish.address && reading.running;
  if (writes.length === 0 && live && !isHidden(files, STORES)) return null;
  return {
    writes: [...writes, ...cacheWrites(files, STORES)],
    ...(files.get(CONF) ? { validate: [PROGRAM, '-t', '-c', CONF] } : {}),
    ...rebuild('proftpd', WRITTEN),
  };
}

/**
 * No address means no key: what cPanel makes of `MasqueradeAddress: ~` may be a line without a value, with which
 * ProFTPD does not start. One that this server's cPanel is seen to have rendered without such a line is left alone.
 */
function setAddress(
  texts: StoreTexts,
  files: FileFacts,
  rendered: Rendered,
  address: string | null,
): StoreTexts {
  const configured = configuredBy(files, STORES, ADDRESS);
  const stands =
    address !== null
      ? configured?.value === address
      : configured === null || (configured.value === null && isNullProven(files, rendered));
  if (stands && !isMisplaced(files, STORES, rendered, ADDRESS)) return texts;
  if (address === null) return removeAddress(texts, STORES);
  return { ...texts, local: setKey(texts.local ?? '', ADDRESS, address) };
}

/** Whether a rebuild has taken the `~` over into `main`, and wrote a file without any line for it. */
function isNullProven(files: FileFacts, rendered: Rendered): boolean {
  const main = storeOf(files, STORES.main);
  const taken = main.ok && main.values.get(ADDRESS) === null;
  return taken && isRendered(files, STORES, CONF) && rendered.address === null;
}

function nullFinding(files: FileFacts, rendered: Rendered): Finding[] {
  const configured = configuredBy(files, STORES, ADDRESS);
  if (configured === null || configured.value !== null || isNullProven(files, rendered)) return [];
  return [
    {
      id: 'address-null',
      level: 'warn',
      title: phrase`${ADDRESS}: ~ may stop the FTP server`,
      fact: phrase`${configured.path} says ${ADDRESS}: ~, of which cPanel may make a line without a value; ProFTPD does not start with one.`,
      fix: phrase`Setting up passive FTP removes the entry; without one no other address is told either.`,
    },
  ];
}

/** cPanel keeps what stands in the file outside the places it knows, so the file is set right before. */
function confWrites(files: FileFacts, wish: PassiveWish, address: string | null): FileChange[] {
  const text = files.get(CONF)?.text;
  if (text === undefined) return [];
  const range = formatRange(wish.range, 'space');
  const after = editProftpdConf(text, { range, address, hostAddress: hostAddress(files, wish.address) });
  const why = phrase`cPanel changes lines in place and keeps all others, those for virtual hosts too; ProFTPD tests this file before it is restarted.`;
  return after === text ? [] : [{ path: CONF, after, title: phrase`Set passive FTP in ${CONF}`, why }];
}

/** What a virtual host should tell: the public address that NAT maps to it. Undefined where that is not known. */
function hostAddress(
  files: FileFacts,
  told: string | null,
): (hosts: readonly string[]) => string | null | undefined {
  const nat = natPairs(files);
  return (hosts) => {
    const address = hosts.find(isIpv4);
    if (address === undefined) return undefined;
    const outside = nat.find(({ local }) => local === address)?.public ?? null;
    if (outside !== null) return told === null || outside === address ? null : outside;
    return addressKind(address) === 'public' ? null : undefined;
  };
}

function toldByNone(files: FileFacts, address: string | null): string | null {
  return address === mainBehindNat(files) ? null : address;
}

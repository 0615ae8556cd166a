import { addressKind, parseCpnat, type NatPair } from '../core/address.ts';
import type { FileFact, FileFacts } from '../core/file.ts';
import type { Finding } from '../core/finding.ts';
import { toProblem } from '../core/problem.ts';
import { coversRange } from '../core/range.ts';
import { unknownReach, type Family, type Reaches } from '../core/reach.ts';
import type { Settings } from '../core/settings.ts';
import type { Status } from '../core/status.ts';
import type { Chain, Firewall } from '../firewall/firewall.ts';
import type { Dial } from '../ftp/probe.ts';
import type { FtpReading, FtpServer } from '../ftp/server.ts';
import type { Clock, Files, Host, Link, RunCommand } from './ports.ts';
import { openTwin, type Twin, type TwinPorts } from './twin.ts';

/** Everything outside itself that the engine uses, handed in by `main`. */
export interface EnginePorts {
  readonly run: RunCommand;
  readonly files: Files;
  readonly host: Host;
  readonly clock: Clock;
  readonly twin: TwinPorts;
  readonly ftpServers: readonly FtpServer[];
  readonly firewall: Firewall;
  readonly settingsPath: string;
  readonly dial: Dial;
  readonly hash: (text: string) => string;
  readonly randomPassword: () => string;
}

/** What was read, once, and what the adapters made of it. Nothing was changed. */
export interface Sight {
  readonly cpanel: boolean;
  readonly ftpName: Status['ftp']['server'];
  readonly server: FtpServer | null;
  readonly reading: FtpReading | null;
  readonly files: FileFacts;
  readonly nat: readonly NatPair[];
  /** The server's own address that clients reach, NAT or not; null when none was found. */
  readonly localAddress: string | null;
  readonly hasIpv6: boolean;
  readonly active: Status['firewall']['active'];
  /** Why the rules could not be read; null when they were. */
  readonly rulesTrouble: string | null;
  readonly ruleset: string;
  readonly chains: readonly Chain[];
  readonly boot: { readonly file: FileFact; readonly enabled: boolean } | null;
  readonly troubles: readonly Finding[];
}

/** A sight, and what the firewall answers for the range. */
export interface Survey extends Sight {
  readonly reaches: Reaches;
  /** What the saved rules will answer after the next boot; empty where none are saved. */
  readonly bootReaches: Reaches;
}

const CONFIG = '/var/cpanel/cpanel.config';
const CPNAT = '/var/cpanel/cpnat';
const MAIN_IP = '/var/cpanel/mainip';
const CSF = '/etc/csf/csf.conf';
const CSF_OFF = '/etc/csf/csf.disable';
/** Names of the tables that iptables-legacy has loaded; its rules are in no listing of nft. */
const LEGACY_TABLES = ['/proc/net/ip_tables_names', '/proc/net/ip6_tables_names'];
const LEGACY = 'Rules of iptables-legacy are in force, which nft does not see and this version cannot copy.';
const SYSTEMCTL = '/usr/bin/systemctl';

/** Reads the server and asks a twin of its firewall. */
export async function survey(ports: EnginePorts, settings: Settings): Promise<Survey> {
  const found = await look(ports);
  const ask = (rules: Pick<Sight, 'ruleset' | 'rulesTrouble'>): Promise<Reaches> =>
    askTwin(ports, rules, (twin) => twin.ask(settings.range, ['ipv4', 'ipv6']));
  const { boot } = found;
  const [reaches, bootReaches] = await Promise.all([
    ask(found),
    boot === null ? {} : ask({ ruleset: boot.file.text, rulesTrouble: null }),
  ]);
  return { ...found, reaches, bootReaches };
}

/** The rules in force, as nft lists them. */
export async function readRules(ports: EnginePorts): Promise<Pick<Sight, 'ruleset' | 'rulesTrouble'>> {
  const [listing, ...legacy] = await Promise.all([
    ports.run([ports.twin.nft, ...ports.firewall.list]),
    ...LEGACY_TABLES.map((path) => ports.files.read(path)),
  ]);
  if (legacy.some((file) => file !== null && file.text.trim() !== '')) {
    return { ruleset: listing.stdout, rulesTrouble: LEGACY };
  }
  if (listing.code === 0) return { ruleset: listing.stdout, rulesTrouble: null };
  const why = listing.missing
    ? 'nft is not installed here.'
    : `nft cannot list the rules: ${listing.stderr.trim()}`;
  return { ruleset: '', rulesTrouble: why };
}

/** Reads the server. One source that cannot be read becomes a finding; the rest is still told. */
export async function look(ports: EnginePorts): Promise<Sight> {
  const { firewall } = ports;
  const adapterFiles = ports.ftpServers.flatMap((server) => server.files);
  const paths = [CONFIG, CPNAT, MAIN_IP, CSF, CSF_OFF, ...adapterFiles, ...firewall.bootFiles];
  const [{ files, troubles }, links, rules] = await Promise.all([
    readAll(ports.files, paths),
    ports.host.links(),
    readRules(ports),
  ]);
  const ftpName = ftpNameOf(files.get(CONFIG)?.text ?? '');
  const server = ports.ftpServers.find((each) => each.name === ftpName) ?? null;
  const { ruleset } = rules;
  const chains = firewall.readListing(ruleset);
  const active = activeFirewall(firewall, files, ruleset, chains, rules.rulesTrouble === LEGACY);
  const bootFile = bootFileOf(firewall, files, chains);
  const [reading, enabled] = await Promise.all([
    server === null ? null : readServer(ports, server, files),
    bootFile === null ? false : unitEnabled(ports.run, firewall.bootUnit),
  ]);
  return {
    cpanel: files.get(CONFIG) != null,
    ftpName,
    server,
    reading,
    files,
    nat: parseCpnat(files.get(CPNAT)?.text ?? ''),
    localAddress: localAddress(files.get(MAIN_IP)?.text.trim() ?? '', links),
    hasIpv6: links.some((link) => link.addresses.some((address) => address.includes(':'))),
    active,
    ...rules,
    chains,
    boot: bootFile === null ? null : { file: bootFile, enabled },
    troubles,
  };
}

/** Families in which the range should be open. */
export function wantedFamilies(found: Pick<Survey, 'hasIpv6'>, settings: Settings): Family[] {
  return settings.ipv6 && found.hasIpv6 ? ['ipv4', 'ipv6'] : ['ipv4'];
}

/** Asks a twin of the live rules; when none can be made, says why instead of guessing. */
export async function askTwin(
  ports: EnginePorts,
  found: Pick<Sight, 'ruleset' | 'rulesTrouble'>,
  question: (twin: Twin) => Promise<Reaches>,
): Promise<Reaches> {
  const trouble = found.rulesTrouble ?? ports.firewall.uncopyable(found.ruleset);
  if (trouble !== null) return bothUnknown(trouble);
  try {
    const twin = await openTwin(ports.twin, found.ruleset);
    try {
      return await question(twin);
    } finally {
      await twin.close();
    }
  } catch (error) {
    return bothUnknown(toProblem(error).message);
  }
}

function bothUnknown(reason: string): Reaches {
  return { ipv4: unknownReach(reason), ipv6: unknownReach(reason) };
}

async function readAll(
  files: Files,
  paths: readonly string[],
): Promise<{ files: FileFacts; troubles: Finding[] }> {
  const facts = new Map<string, FileFact | null>();
  const troubles: Finding[] = [];
  await Promise.all(
    paths.map(async (path) => {
      try {
        facts.set(path, await files.read(path));
      } catch (error) {
        const { message } = toProblem(error);
        troubles.push({
          id: 'unreadable',
          level: 'bad',
          title: 'A settings file cannot be read',
          fact: message,
          fix: `Make ${path} a regular file that root can read.`,
        });
      }
    }),
  );
  return { files: facts, troubles };
}

/** cPanel's document names this line as where the chosen FTP server is kept; without it FTP is off. */
function ftpNameOf(config: string): Survey['ftpName'] {
  const name = /^ftpserver=(\S+)\s*$/m.exec(config)?.[1];
  return name === 'pure-ftpd' || name === 'proftpd' ? name : 'disabled';
}

async function readServer(ports: EnginePorts, server: FtpServer, files: FileFacts): Promise<FtpReading> {
  const listeners = await ports.host.listeners(server.controlPort(files));
  const own = listeners.filter((each) => each.program.startsWith(server.process));
  const daemon = own.sort((a, b) => a.startedMs - b.startedMs)[0] ?? null;
  return server.read(files, daemon);
}

/** Which firewall decides, by what is true now: its rules in the kernel before its files. */
function activeFirewall(
  firewall: Firewall,
  files: FileFacts,
  ruleset: string,
  chains: readonly Chain[],
  legacy: boolean,
): Survey['active'] {
  if (chains.some(({ family, table }) => family === 'inet' && table === 'firewalld')) return 'firewalld';
  if (chains.some(({ chain }) => chain === 'LOCALINPUT') && files.get(CSF) && !files.get(CSF_OFF))
    return 'csf';
  if (chains.some(({ chain }) => chain === 'ufw-user-input')) return 'ufw';
  if (legacy || firewall.uncopyable(ruleset) !== null) return 'iptables';
  return filtersInput(chains) ? 'nftables' : 'none';
}

/** Whether any chain can stop an incoming packet. */
function filtersInput(chains: readonly Chain[]): boolean {
  return chains.some(({ base }) => base !== null && /hook (input|prerouting|ingress)\b/.test(base));
}

/** Of several saved scripts the one that holds a chain which is in force now. */
function bootFileOf(firewall: Firewall, files: FileFacts, chains: readonly Chain[]): FileFact | null {
  const present = firewall.bootFiles.flatMap((path) => files.get(path) ?? []);
  const holds = (file: FileFact): boolean =>
    chains.some(
      ({ base, table, chain }) =>
        base !== null && file.text.includes(table) && file.text.split(/\s+/).includes(chain),
    );
  return present.find(holds) ?? present[0] ?? null;
}

async function unitEnabled(run: RunCommand, unit: string): Promise<boolean> {
  return (await run([SYSTEMCTL, 'is-enabled', unit])).stdout.trim() === 'enabled';
}

function localAddress(mainIp: string, links: readonly Link[]): string | null {
  const held = links.flatMap((link) => link.addresses).map((address) => address.replace(/\/.*/, ''));
  if (held.includes(mainIp)) return mainIp;
  return held.find((address) => !address.includes(':') && addressKind(address) !== 'loopback') ?? null;
}

/**
 * Whether nothing at all gets in over IPv6 although no rule for TCP decides so: rules that drop ICMPv6 keep the server
 * from being found on its own wire, and no opened port changes that.
 */
export function deaf(family: Family, reaches: Reaches): boolean {
  const reach = reaches[family];
  if (family !== 'ipv6' || reach?.method !== 'twin' || reach.open.length > 0) return false;
  return reach.blocked.every(({ decision }) => decision === null);
}

/** Whether every wanted family is open for the whole range; null when it could not be told. */
export function rangeOpen(reaches: Reaches, families: readonly Family[], settings: Settings): boolean | null {
  const answers = families.filter((family) => !deaf(family, reaches)).map((family) => reaches[family]);
  if (answers.some((each) => each === undefined || each.method === 'unknown')) return null;
  return answers.every((each) => each !== undefined && coversRange(each.open, settings.range));
}

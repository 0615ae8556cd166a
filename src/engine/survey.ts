import { addressKind, type NatPair } from '../core/address.ts';
import type { FileFacts } from '../core/file.ts';
import type { Finding } from '../core/finding.ts';
import { coversRange } from '../core/range.ts';
import type { Family, Reaches } from '../core/reach.ts';
import type { Settings } from '../core/settings.ts';
import type { Status } from '../core/status.ts';
import { readChains } from '../firewall/chains.ts';
import { inCharge, OVERLAY_FILES, type Charge } from '../firewall/charge.ts';
import type { FirewallFacts, Keeper, Rulebook } from '../firewall/firewall.ts';
import type { Tools } from '../firewall/placing.ts';
import type { Dial } from '../ftp/dial.ts';
import { MAIN_IP, NAT_FILES, natPairs } from '../ftp/nat.ts';
import type { FtpReading, FtpServer } from '../ftp/server.ts';
import { askTwins, type Remember, type TwinQuestion } from './answers.ts';
import { savedRuleset, savedSources, type Source } from './boot.ts';
import type { TwinPorts } from './copying.ts';
import type { Clock, Files, Host, Link, Listener, RunCommand, Sockets } from './ports.ts';
import { readingOf, startReading, type Reading, type RulesNow } from './rules.ts';
import { CPANEL_CONFIG, SITUATION_FILES } from './situation.ts';
import { readAll, readDirectories, readNamed, readSome } from './sources.ts';
import { readUnits } from './units.ts';

/** Everything outside itself that the engine uses, handed in by `main`. */
export interface EnginePorts {
  readonly run: RunCommand;
  readonly files: Files;
  readonly host: Host;
  readonly clock: Clock;
  readonly twin: TwinPorts;
  readonly remember: Remember;
  readonly ftpServers: readonly FtpServer[];
  readonly keepers: readonly Keeper[];
  readonly rulebooks: readonly Rulebook[];
  readonly tools: Tools;
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
  /** Interfaces but for loopback; the one that leads outward first. */
  readonly links: readonly Link[];
  /** Every address that an interface holds, but for those of loopback. */
  readonly held: readonly string[];
  readonly sockets: Sockets;
  /** The other FTP servers' settings, which are not in force. */
  readonly neighbours: readonly { readonly server: FtpServer; readonly reading: FtpReading }[];
  /** Files that cPanel has put aside because the FTP server did not take them. */
  readonly setAside: readonly string[];
  readonly rules: RulesNow;
  readonly firewall: FirewallFacts;
  readonly charge: Charge;
  /** The firewall of plain rules in charge; null when it is another one, or none. */
  readonly book: Rulebook | null;
  /** Rules of plain firewalls that wait for the next boot. */
  readonly saved: readonly Source[];
  readonly troubles: readonly Finding[];
}

/** A sight, and what the firewall answers for the range. */
export interface Survey extends Sight {
  readonly reaches: Reaches;
  /** The same for the control port; empty where there is none. */
  readonly controlReaches: Reaches;
  /** What the saved rules will answer after the next boot; empty where none are saved. */
  readonly bootReaches: Reaches;
}

/** Reads the server and asks about its firewall. */
export async function survey(ports: EnginePorts, settings: Settings): Promise<Survey> {
  const reading = startReading(ports);
  const links = ports.host.links();
  const looking = lookWith(ports, reading, links);
  const ask = ports.remember(askTwins(ports.twin));
  const both: TwinQuestion = { range: settings.range, families: ['ipv4', 'ipv6'] };
  const questions = looking.then((found) => [both, ...controlQuestions(found, settings)]);
  const answers = ask({ reading, links, questions });
  // Whoever looks is told.
  for (const each of [questions, answers]) each.catch(() => undefined);
  const found = await looking;
  const boot = savedRuleset(found.saved, found.rules.ruleset);
  const [[reaches = {}, controlReaches = {}], [bootReaches = {}]] = await Promise.all([
    answers,
    boot === null || found.charge.keeper !== null
      ? []
      : ask({ reading: readingOf(boot), links, questions: Promise.resolve([both]) }),
  ]);
  return { ...found, reaches, controlReaches, bootReaches };
}

function controlQuestions(found: Sight, settings: Settings): TwinQuestion[] {
  const port = found.reading?.controlPort;
  return port === undefined ? [] : [{ range: [port, port], families: wantedFamilies(found, settings) }];
}

/** Reads the server. One source that cannot be read becomes a finding; the rest is still told. */
export function look(ports: EnginePorts): Promise<Sight> {
  return lookWith(ports, startReading(ports), ports.host.links());
}

async function lookWith(
  ports: EnginePorts,
  reading: Reading,
  interfaces: Promise<readonly Link[]>,
): Promise<Sight> {
  const firewalls = [...ports.keepers, ...ports.rulebooks];
  // Whoever waits for them, last, is told.
  reading.rules.catch(() => undefined);
  const adapterFiles = [...ports.ftpServers, ...firewalls].flatMap((each) => each.files);
  // Programs first: they are at work while the rest is read.
  const [links, units, { files: needed, troubles }, some, setAside, sockets] = await Promise.all([
    interfaces,
    readUnits(ports.run, [...new Set(firewalls.flatMap((each) => each.units))]),
    readAll(ports.files, [CPANEL_CONFIG, ...NAT_FILES, ...adapterFiles, ...OVERLAY_FILES]),
    readSome(ports.files, SITUATION_FILES),
    readSetAside(ports.files),
    ports.host.sockets(),
  ]);
  const ftpName = ftpNameOf(needed.get(CPANEL_CONFIG)?.text ?? '');
  const server = ports.ftpServers.find((each) => each.name === ftpName) ?? null;
  const included = await readNamed(ports.files, server?.included(needed) ?? []);
  const files: FileFacts = new Map([...some, ...included, ...needed]);
  const ftp = {
    reading: server === null ? null : server.read(files, daemonOf(server, files, sockets)),
    neighbours: ports.ftpServers
      .filter((each) => each !== server)
      .map((each) => ({ server: each, reading: each.read(files, null) })),
  };
  // Listing many takes longer than all else.
  const rules = await reading.rules;
  const { ruleset } = rules;
  const mainInterface = links[0]?.name ?? null;
  const known: FirewallFacts = { files, ruleset, chains: readChains(ruleset), mainInterface, ...units };
  const charge = inCharge(ports.keepers, ports.rulebooks, known);
  const more = await readDirectories(ports.files, charge.keeper?.directories ?? []);
  const firewall = { ...known, files: new Map([...files, ...more.files]) };
  return {
    cpanel: files.get(CPANEL_CONFIG) != null,
    ftpName,
    server,
    ...ftp,
    setAside,
    files: firewall.files,
    nat: natPairs(files),
    localAddress: localAddress(files.get(MAIN_IP)?.text.trim() ?? '', links),
    hasIpv6: links.some((link) => link.addresses.some((address) => address.includes(':'))),
    links,
    held: heldBy(links),
    sockets,
    rules,
    firewall,
    charge,
    book: plain(ports.rulebooks, charge),
    saved: savedSources(ports.rulebooks, firewall, charge),
    troubles: [...troubles, ...more.troubles],
  };
}

function plain(rulebooks: readonly Rulebook[], { active, keeper, conflict }: Charge): Rulebook | null {
  if (keeper !== null || conflict !== null) return null;
  return rulebooks.find(({ name }) => name === active) ?? null;
}

/** Families in which the range should be open. */
export function wantedFamilies(found: Pick<Survey, 'hasIpv6'>, settings: Settings): Family[] {
  return settings.ipv6 && found.hasIpv6 ? ['ipv4', 'ipv6'] : ['ipv4'];
}

/** cPanel's document names this line as where the chosen FTP server is kept; without it FTP is off. */
function ftpNameOf(config: string): Survey['ftpName'] {
  const name = /^ftpserver=(\S+)\s*$/m.exec(config)?.[1];
  return name === 'pure-ftpd' || name === 'proftpd' ? name : 'disabled';
}

/** The oldest of the server's own processes that listen on its control port. */
function daemonOf(server: FtpServer, files: FileFacts, { listening }: Sockets): Listener | null {
  const port = server.controlPort(files);
  const own = listening.filter((each) => each.port === port && each.program.startsWith(server.process));
  return own.sort((a, b) => a.startedMs - b.startedMs)[0] ?? null;
}

/** cPanel renames a proftpd.conf that ProFTPD does not take, and lays its own in the place (reported). */
async function readSetAside(files: Files): Promise<string[]> {
  const names = (await files.list('/etc')).filter((name) => name.startsWith('proftpd.conf.INVALID-'));
  return names.sort().map((name) => `/etc/${name}`);
}

function heldBy(links: readonly Link[]): string[] {
  return links.flatMap((link) => link.addresses).map((address) => address.replace(/\/.*/, ''));
}

function localAddress(mainIp: string, links: readonly Link[]): string | null {
  const held = heldBy(links);
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

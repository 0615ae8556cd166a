import { parse } from 'yaml';
import { tooMuchYaml } from '../core/yaml-size.ts';
import type { Finding } from '../core/finding.ts';
import { phrase } from '../core/phrase.ts';
import { wordsOf } from './iptables/words.ts';
import type { FirewallFacts } from './firewall.ts';
import type { Chain, Place } from './ruleset.ts';

/**
 * A program that puts rules beside those of the firewall: bans, ways to containers. `advice`: what to do when one of its
 * rules is in the way.
 */
interface Overlay {
  readonly name: string;
  readonly tables?: RegExp;
  readonly chains: RegExp;
  /** Sets of addresses that it bans, asked in chains of others. */
  readonly sets?: RegExp;
  readonly advice: string;
}

const IMUNIFY = '/etc/sysconfig/imunify360/imunify360-merged.config';
const LISTS = phrase`FIREWALL: TCP_IN_IPv4 (and TCP_IN_IPv6)`;
const LIST_ADVICE = phrase`add the range to ${LISTS} with "imunify360-agent config update", which replaces the whole list`;

const OVERLAYS: readonly Overlay[] = [
  {
    name: 'docker',
    tables: /^docker-/,
    chains: /^DOCKER/,
    advice: phrase`Docker makes these rules out of the ports that containers publish: change them there.`,
  },
  {
    name: 'fail2ban',
    tables: /^f2b-/,
    chains: /^(?:f2b|fail2ban)-/,
    sets: /^(?:f2b-|fail2ban|addr-set-)/,
    advice: phrase`fail2ban bans addresses here: "fail2ban-client unban ADDRESS" lets one in again.`,
  },
  {
    name: 'imunify360',
    tables: /^imunify360/i,
    chains: /imunify360/i,
    advice: phrase`Imunify360 makes these rules: ${LIST_ADVICE}.`,
  },
  {
    name: 'cphulk',
    chains: /^cphulk/i,
    sets: /^cphulk/i,
    advice: phrase`cPHulk blocks addresses here: WHM » Security Center » cPHulk Brute Force Protection lets them in again.`,
  },
];

/** Files that tell of such programs. */
export const PROGRAM_FILES: readonly string[] = [IMUNIFY];

export function overlayOf({
  table,
  chain,
}: Place): { readonly name: string; readonly advice: string } | null {
  return OVERLAYS.find((each) => each.chains.test(chain) || each.tables?.test(table) === true) ?? null;
}

export function isOfOverlay(place: Place): boolean {
  return overlayOf(place) !== null;
}

/** Whether a rule in someone else's chain is such a program's: it asks a set of bans, or shields a container. */
export function isBan(rule: string, { table, chain }: Place): boolean {
  const set = setOf(rule);
  if (OVERLAYS.some(({ sets }) => sets?.test(set) === true)) return true;
  const words = wordsOf(rule).map(({ value }) => value);
  const device = words[words.indexOf('!') + 2] ?? '';
  return table === 'raw' && chain === 'PREROUTING' && words.includes('!') && /^(?:docker|br-)/.test(device);
}

/** The set that a rule asks, in the words of iptables or of nft; empty when it asks none. */
function setOf(rule: string): string {
  return /(?:--match-set |@)([^\s"]+)/.exec(rule)?.[1] ?? '';
}

/** Such programs with rules in force, in one order. */
export function overlaysIn(chains: readonly Chain[]): string[] {
  const sets = chains.flatMap(({ rules }) => rules.map(({ text }) => setOf(text)));
  return OVERLAYS.filter(
    (overlay) =>
      chains.some((chain) => overlayOf(chain)?.name === overlay.name) ||
      sets.some((set) => overlay.sets?.test(set) === true),
  ).map(({ name }) => name);
}

/** `ownPorts`: whether Imunify360 keeps a list of ports of its own; beside CSF it takes CSF's. */
export function overlayFindings({ files }: FirewallFacts, ownPorts: boolean): Finding[] {
  const text = files.get(IMUNIFY)?.text;
  if (text === undefined || !ownPorts || !blocksPorts(text)) return [];
  return [
    {
      id: 'imunify-deny',
      level: 'warn',
      title: phrase`Imunify360 blocks every port that it does not list`,
      fact: phrase`FIREWALL: port_blocking_mode is DENY in ${IMUNIFY}.`,
      fix: phrase`If it blocks the range, ${LIST_ADVICE}.`,
    },
  ];
}

function blocksPorts(text: string): boolean {
  if (tooMuchYaml(text) !== null) return false;
  try {
    const config: unknown = parse(text, { logLevel: 'error' });
    if (!isRecord(config) || !isRecord(config['FIREWALL'])) return false;
    return config['FIREWALL']['port_blocking_mode'] === 'DENY';
  } catch {
    return false;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

import type { FileFact } from '../../core/file.ts';
import type { FirewallFacts, SavedRules } from '../firewall.ts';
import { samePlace } from '../ruleset.ts';
import { parseSaved } from './saved.ts';

interface Keeping {
  readonly path: string;
  readonly family: 'ip' | 'ip6';
  readonly unit: string;
}

export type Distribution = 'redhat' | 'debian';

/** Where the two families of distributions keep the rules, and what loads them at boot. */
export const KEEPINGS: Readonly<Record<Distribution, readonly Keeping[]>> = {
  redhat: [
    { path: '/etc/sysconfig/iptables', family: 'ip', unit: 'iptables.service' },
    { path: '/etc/sysconfig/ip6tables', family: 'ip6', unit: 'ip6tables.service' },
  ],
  debian: [
    { path: '/etc/iptables/rules.v4', family: 'ip', unit: 'netfilter-persistent.service' },
    { path: '/etc/iptables/rules.v6', family: 'ip6', unit: 'netfilter-persistent.service' },
  ],
};

export const SAVED_FILES = Object.values(KEEPINGS).flatMap((each) => each.map(({ path }) => path));
export const UNITS = [...new Set(Object.values(KEEPINGS).flatMap((each) => each.map(({ unit }) => unit)))];

/** For which family a file keeps rules. */
export function familyOf(path: string): 'ip' | 'ip6' {
  const all = [...KEEPINGS.redhat, ...KEEPINGS.debian];
  return all.find((each) => each.path === path)?.family ?? 'ip';
}

/** Whose files and units are there: those that load at boot before those that run, and those before files alone. */
export function keptBy(facts: FirewallFacts): Distribution | null {
  const there = (['redhat', 'debian'] as const).filter((each) => existing(each, facts).length > 0);
  const [only, other] = there;
  if (only === undefined || other === undefined) return only ?? null;
  const having = (units: ReadonlySet<string>): Distribution | undefined =>
    there.find((each) => KEEPINGS[each].some(({ unit }) => units.has(unit)));
  const inForce = there.find((each) => existing(each, facts).some((file) => isInForce(file, facts)));
  return having(facts.enabled) ?? having(facts.active) ?? inForce ?? only;
}

/** The files that keep the rules for the next boot; null where there is none. `unit`: one that is not enabled, if any. */
export function savedRules(facts: FirewallFacts): SavedRules | null {
  const distribution = keptBy(facts);
  if (distribution === null) return null;
  const files = existing(distribution, facts);
  const units = unitsOf(distribution, files);
  const idle = units.find((unit) => !facts.enabled.has(unit));
  return { files, unit: idle ?? units[0] ?? '', enabled: idle === undefined };
}

/** The units that load these files. */
export function unitsOf(distribution: Distribution, files: readonly FileFact[]): string[] {
  const loading = KEEPINGS[distribution].filter(({ path }) => files.some((file) => file.path === path));
  return [...new Set(loading.map(({ unit }) => unit))];
}

function existing(distribution: Distribution, { files }: FirewallFacts): FileFact[] {
  return KEEPINGS[distribution].flatMap(({ path }) => files.get(path) ?? []);
}

function isInForce({ path, text }: FileFact, { chains }: FirewallFacts): boolean {
  const kept = parseSaved({ family: familyOf(path), tool: 'iptables', text });
  return kept.some((each) => chains.some((chain) => chain.tool !== 'nft' && samePlace(chain, each)));
}

import { hostIn, inNetworks, overlaps } from '../core/address.ts';
import type { Family } from '../core/reach.ts';
import { namedNetworks } from './boundaries.ts';
import type { Link } from './ports.ts';

/** Where connections come from: each number stands for another address, or all for one. */
export interface Origin {
  readonly family: Family;
  readonly address: (index: number) => string;
  /** The network in which that address lies. */
  readonly network: (index: number) => string;
}

/**
 * Where a stranger could be: globally routed networks of no meaning to a server's rules, tried in order. The client's
 * addresses are taken from one of them, so that a rule which counts or bans by address sees each connection alone.
 */
const NETWORKS: Readonly<Record<Family, readonly string[]>> = {
  ipv4: ['45.83.12', '91.198.22', '141.98.11', '185.66.140', '62.210.5', '198.51.100', '203.0.113'],
  ipv6: ['2a09:7c44:11:22', '2a01:4f8:c17:11', '2600:9000:5301:22', '2001:db8:ffff:77'],
};
const HOSTS: Readonly<Record<Family, number>> = { ipv4: 250, ipv6: 60_000 };

/** Addresses that no rule knows. `rules`: all texts of the ruleset. */
export function stranger(rules: string, family: Family, main: Link): Origin {
  const named = [...new Set(namedNetworks(rules))].filter((network) => !network.endsWith('/0'));
  const wide = named.filter((network) => /[-/]/.test(network));
  const networks = NETWORKS[family].map((prefix) => ({
    prefix,
    network: family === 'ipv4' ? `${prefix}.0/24` : `${prefix}::/64`,
  }));
  const separator = family === 'ipv4' ? '.' : ':';
  const taken = ({ prefix, network }: { prefix: string; network: string }): boolean =>
    named.some((address) => address.startsWith(`${prefix}${separator}`)) ||
    overlaps(network, [...wide, ...main.addresses]);
  const free = networks.filter((each) => !taken(each));
  const some = free.length === 0 ? networks.slice(0, 1) : free;
  const hosts = HOSTS[family];
  const at = (index: number): { prefix: string; network: string } =>
    some[Math.floor(index / hosts) % some.length] ?? { prefix: '', network: '' };
  return {
    family,
    network: (index) => at(index).network,
    address(index) {
      const [{ prefix }, number] = [at(index), (index % hosts) + 1];
      return family === 'ipv4' ? `${prefix}.${number}` : `${prefix}::${number.toString(16)}`;
    },
  };
}

/** The one address from which somebody wants to know. */
export function visitor(text: string): Origin {
  const address = hostIn(text) ?? text;
  const family = address.includes(':') ? 'ipv6' : 'ipv4';
  const network = `${address}/${family === 'ipv4' ? 32 : 128}`;
  return { family, network: () => network, address: () => address };
}

/** Addresses that rules name, one of each network: those for whom a rule may have been made. At most `most`, spread. */
export function namedSources(rules: string, main: Link, most: number): string[] {
  const own = main.addresses.map((address) => address.replace(/\/.*/, ''));
  // Some turn out to be no clients, so more are looked at than are wanted.
  const candidates = spread([...new Set(namedNetworks(rules))], 2 * most).flatMap(
    (network) => hostIn(network) ?? [],
  );
  const foreign = candidates.filter((address) => !inNetworks(address, [...own, ...NO_SOURCES]));
  return spread([...new Set(foreign)], most);
}

/** At most so many of a list, from all over it. */
function spread<T>(all: readonly T[], most: number): T[] {
  const stride = Math.max(1, all.length / most);
  return all.filter((_, index) => Math.floor(index / stride) !== Math.floor((index - 1) / stride));
}

/** Nobody connects from these. */
const NO_SOURCES = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '224.0.0.0/3',
  '169.254.0.0/16',
  '::/8',
  'fe80::/10',
  'ff00::/8',
];

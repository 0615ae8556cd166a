import { hostIn, inNetworks, overlaps } from '../core/address.ts';
import type { Family } from '../core/reach.ts';
import type { Link } from './ports.ts';

/** Where connections come from: each number stands for another address, or all for one. */
export interface Origin {
  readonly family: Family;
  readonly address: (index: number) => string;
  /** The network in which that address lies. */
  readonly network: (index: number) => string;
  /** Whether rules may name them. */
  readonly named: boolean;
}

/** Where strangers can come from: `hosts` addresses, the number of one between two texts. */
interface Land {
  readonly network: string;
  readonly before: string;
  readonly after: string;
  readonly hosts: number;
}

/**
 * Where a stranger could be: globally routed networks of no meaning to a server's rules, tried in order. The client's
 * addresses are taken from them, so that a rule which counts or bans by address sees each connection alone. Those of
 * IPv6 differ in their first 32 bits where they can: iptables' `recent`, when IPv4 made its list, compares no more.
 */
const LANDS: Readonly<Record<Family, readonly Land[]>> = {
  ipv4: ['45.83.12', '91.198.22', '141.98.11', '185.66.140', '62.210.5', '198.51.100', '203.0.113'].map(
    (net) => ({ network: `${net}.0/24`, before: `${net}.`, after: '', hosts: 250 }),
  ),
  ipv6: [
    ...['2a09', '2c0f', '2803'].map((net) => {
      return { network: `${net}::/16`, before: `${net}:`, after: '::7', hosts: 60_000 };
    }),
    ...['2a01:4f8:c17:11', '2600:9000:5301:22', '2001:db8:ffff:77'].map((net) => {
      return { network: `${net}::/64`, before: `${net}::`, after: '', hosts: 60_000 };
    }),
  ],
};

/** Addresses that no rule knows. `networks`: all that the ruleset names. */
export function stranger(networks: readonly string[], family: Family, main: Link): Origin {
  const named = networks.filter((network) => !network.endsWith('/0'));
  const wide = named.flatMap((network) => wideOf(network, family));
  const near = (start: string): string[] => {
    const first = parseInt(start, family === 'ipv4' ? 10 : 16);
    return wide.filter(({ low, high }) => low <= first && first <= high).map((each) => each.network);
  };
  const taken = ({ before, network }: Land): boolean =>
    named.some((address) => address.startsWith(before)) ||
    overlaps(network, [...near(before), ...main.addresses]);
  const lands = LANDS[family];
  const free = lands.filter((each) => !taken(each));
  const some = free.length === 0 ? lands.slice(0, 1) : free;
  const hosts = lands[0]?.hosts ?? 1;
  const at = (index: number): Land | undefined => some[Math.floor(index / hosts) % some.length];
  return {
    family,
    named: free.length === 0,
    network: (index) => at(index)?.network ?? '',
    address(index) {
      const { before = '', after = '' } = at(index) ?? {};
      const number = (index % hosts) + 1;
      return `${before}${family === 'ipv4' ? number : number.toString(16)}${after}`;
    },
  };
}

/** A network and the first numbers that addresses in it have, by which a long list of them is sifted at once. */
interface Wide {
  readonly network: string;
  readonly low: number;
  readonly high: number;
}

function wideOf(network: string, family: Family): Wide[] {
  if (network.includes(':') !== (family === 'ipv6') || !/[-/]/.test(network)) return [];
  // A single address, as iptables writes it, is told by its beginning.
  if (network.endsWith(family === 'ipv4' ? '/32' : '/128')) return [];
  const [from = '', to = from] = network.split('-');
  const length = Number(from.split('/')[1] ?? Infinity);
  const first = (text: string): number => parseInt(text, family === 'ipv4' ? 10 : 16) || 0;
  return length < (family === 'ipv4' ? 8 : 16)
    ? [{ network, low: 0, high: Infinity }]
    : [{ network, low: first(from), high: first(to) }];
}

/** The one address from which somebody wants to know. */
export function visitor(text: string): Origin {
  const address = hostIn(text) ?? text;
  const family = address.includes(':') ? 'ipv6' : 'ipv4';
  const network = `${address}/${family === 'ipv4' ? 32 : 128}`;
  return { family, named: true, network: () => network, address: () => address };
}

/** Addresses that rules name, one of each network: those for whom a rule may have been made. At most `most`, spread. */
export function namedSources(networks: readonly string[], main: Link, most: number): string[] {
  const own = main.addresses.map((address) => address.replace(/\/.*/, ''));
  // Some turn out to be no clients, so more are looked at than are wanted.
  const candidates = spread(networks, 2 * most).flatMap((network) => hostIn(network) ?? []);
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

import type { PortRange } from '../../core/range.ts';
import type { Family } from '../../core/reach.ts';
import type { FirewallFacts } from '../firewall.ts';
import { samePlace, type Chain, type Place } from '../ruleset.ts';
import { readRule } from './rule.ts';
import { BOTH, letsIn, type Verdict } from './verdicts.ts';

/** Where firewalld has its chains: one table of nftables for both families, or a table of iptables each. */
export interface Side extends Pick<Place, 'family' | 'table'> {
  readonly tool: Chain['tool'];
  readonly prefix: string;
  readonly families: readonly Family[];
}

const SIDES: readonly Omit<Side, 'tool'>[] = [
  { family: 'inet', table: 'firewalld', prefix: 'filter_', families: BOTH },
  { family: 'ip', table: 'filter', prefix: '', families: ['ipv4'] },
  { family: 'ip6', table: 'filter', prefix: '', families: ['ipv6'] },
];
/** Up to firewalld 0.8 sources have a chain of their own, which is asked first. */
const DISPATCH = ['INPUT_ZONES_SOURCE', 'INPUT_ZONES'];
const FTP: PortRange = [21, 21];

export function sidesOf(chains: readonly Chain[]): Side[] {
  return SIDES.flatMap((side) => {
    const zones = chains.find((each) => samePlace(each, { ...side, chain: `${side.prefix}INPUT_ZONES` }));
    return zones === undefined ? [] : [{ ...side, tool: zones.tool }];
  });
}

export function placeOf({ family, table, prefix }: Side, zone: string, part = ''): Place {
  return { family, table, chain: `${prefix}IN_${zone}${part}` };
}

interface Way {
  readonly zone: string;
  /** By what a packet comes there: its source address, its interface, or nothing of both. */
  readonly by: 'source' | 'interface' | 'rest';
  /** The interface; `*` or `+` at the end stands for anything. */
  readonly name: string;
}

function names(pattern: string, name: string | null): boolean {
  if (name === null) return false;
  return /[*+]$/.test(pattern) ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

/**
 * Zones that must let the range in: those that let FTP's control connection in. Where it comes in through no interface,
 * all zones that strangers meet. The zone of the rest counts only where the main interface is in no zone of its own.
 */
export function zonesOfFtp({
  chains,
  mainInterface,
}: Pick<FirewallFacts, 'chains' | 'mainInterface'>): string[] {
  const all = sidesOf(chains).flatMap((side) => waysOf(side, chains));
  const bound = all.some(({ by, name }) => by === 'interface' && names(name, mainInterface));
  const ways = all.filter(({ by }) => !bound || by !== 'rest');
  const withFtp = ways.filter(
    ({ zone }) => isOpen(chains, zone, FTP, ['ipv4']) || isOpen(chains, zone, FTP, ['ipv6']),
  );
  const reached = withFtp.some(({ by }) => by !== 'source');
  const met = reached ? [] : ways.filter(({ by }) => by !== 'source');
  return [...new Set([...withFtp, ...met].map(({ zone }) => zone))];
}

/** Zones that packets can come to. */
export function zonesInForce(chains: readonly Chain[]): string[] {
  const ways = sidesOf(chains).flatMap((side) => waysOf(side, chains));
  return [...new Set(ways.map(({ zone }) => zone))];
}

function waysOf(side: Side, chains: readonly Chain[]): Way[] {
  const start = placeOf(side, '').chain;
  return DISPATCH.flatMap((name) => {
    const chain = chains.find((each) => samePlace(each, { ...side, chain: `${side.prefix}${name}` }));
    return (chain?.rules ?? []).flatMap(({ text }): Way[] => {
      const target = /(?:\bgoto|-g) (\S+)/.exec(text)?.[1] ?? '';
      if (!target.startsWith(start)) return [];
      const by = /\bsaddr\b|-s |--match-set|--mac-source/.test(text)
        ? 'source'
        : /\biif|-i /.test(text)
          ? 'interface'
          : 'rest';
      const name = /(?:\biif(?:name)?|-i) "?([^\s"]+)/.exec(text)?.[1] ?? '';
      return [{ zone: target.slice(start.length), by, name }];
    });
  });
}

/** Whether the zone's rules in force let the whole range in, in all of these families that it has rules for. */
export function isOpen(
  chains: readonly Chain[],
  zone: string,
  range: PortRange,
  families: readonly Family[],
): boolean {
  return sidesOf(chains).every((side) =>
    letsIn(
      verdictsOf(chains, side, zone),
      range,
      families.filter((family) => side.families.includes(family)),
    ),
  );
}

/** What the zone's rules in force do to connections from anywhere, in their order. */
export function verdictsOf(chains: readonly Chain[], side: Side, zone: string): Verdict[] {
  const allow = placeOf(side, zone, '_allow').chain;
  let early = true;
  const walk = (name: string, depth: number): Verdict[] => {
    const verdicts: Verdict[] = [];
    for (const { text } of chains.find((each) => samePlace(each, { ...side, chain: name }))?.rules ?? []) {
      const rule = readRule(text);
      if (rule === null) continue;
      const { does, ports } = rule;
      if (does === 'return') break;
      if (typeof does === 'string') {
        const families = rule.families.filter((family) => side.families.includes(family));
        verdicts.push({ does, families, ports, early, text });
      } else if (depth > 0) {
        if (does.to === allow) early = false;
        verdicts.push(...walk(does.to, depth - 1));
        if (!does.comesBack) break;
      }
    }
    return verdicts;
  };
  return walk(placeOf(side, zone).chain, DEEPEST);
}

/** As deep as the kernel lets chains call each other. */
const DEEPEST = 16;

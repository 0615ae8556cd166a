import { coversRange, type PortRange } from '../core/range.ts';
import type { Blocked } from '../core/reach.ts';
import { samePlace, type Chain } from '../firewall/ruleset.ts';

/** All ports that a passive FTP server could use: a rule against all of them is no rule against some. */
const ANY_PASSIVE: PortRange = [1024, 65535];

/**
 * Whether somebody has forbidden these very ports: the rule that decides, or one that leads to its chain, names ports,
 * and not just all but a few. Such a rule was written on purpose.
 */
export function isExplicit(blocked: Blocked): boolean {
  return wayTo(blocked).some(namesPorts);
}

/**
 * Whether the rule that decides, or one that leads to its chain, looks at where a client comes from: it keeps some out
 * and not all, and a way round it would let them in.
 */
export function isBan(blocked: Blocked): boolean {
  return wayTo(blocked).some(namesSources);
}

/** The rule that decides and those that lead to its chain; nothing where a policy does. */
function wayTo({ decision, path }: Blocked): string[] {
  if (decision === null || decision.index === null) return [];
  const way = [decision.text];
  let { chain } = decision;
  for (const step of path.toReversed()) {
    const [, place = '', text = ''] = /^(.*?): (.*)$/.exec(step) ?? [];
    if (!leadsTo(text, chain)) continue;
    way.push(text);
    chain = place.split(' ')[2] ?? '';
  }
  return way;
}

/**
 * The hook through which a packet came to the place that stops it: `input`, `output`, …; null where no hooked chain is
 * on its path.
 */
export function hookOf({ path }: Blocked, chains: readonly Chain[]): string | null {
  for (const step of path.toReversed()) {
    const [family = '', table = '', chain = ''] = (/^(.*?): /.exec(step)?.[1] ?? '').split(' ');
    const base = chains.find((each) => samePlace(each, { family, table, chain }))?.base;
    if (base != null) return /\bhook (\w+)/.exec(base)?.[1] ?? null;
  }
  return null;
}

function leadsTo(rule: string, chain: string): boolean {
  const name = chain.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?:\\b(?:jump|goto)|(?:^| )-[jg]) ${name}(?![\\w.-])`).test(rule);
}

function namesSources(text: string): boolean {
  // To remember who comes is no condition.
  const rule = text.replace(/"[^"]*"|\b(?:add|update|delete) @\S+ \{[^}]*\}/g, '""');
  const iptables =
    /(?:^| )(?:-s|--src-range|--source-country|--src-cc|--mac-source) |--match-set \S+ \S*\bsrc\b/;
  return /\b(?:ip6?|ether) saddr\b/.test(rule) || iptables.test(rule);
}

function namesPorts(text: string): boolean {
  const rule = text.replace(/"[^"]*"/g, '""').replace(/\bdport >=? (\d+)/, 'dport $1-65535');
  const nft = /\b(?:tcp|th) dport (!= )?(?:vmap )?(\{[^}]*\}|\S+)/.exec(rule);
  const iptables = /(! )?--(?:dports?|destination-ports?) (\S+)/.exec(rule);
  const [, not, ports] = nft ?? iptables ?? [];
  if (ports === undefined || not !== undefined) return false;
  const named = [...ports.matchAll(/(\d+)(?:[-:](\d+))?/g)].map(([, low, high]): PortRange => [
    Number(low),
    Number(high ?? low),
  ]);
  return named.length === 0 || !coversRange(named, ANY_PASSIVE);
}

import type { MarkedRule, PlacedRule } from '../../core/plan.ts';
import { formatRange, mergeRanges, type PortRange } from '../../core/range.ts';
import { MARK, type Chain, type Denial, type Firewall, type OurRule } from '../firewall.ts';
import { findChains, markedRules, placeRule, removeRules } from './bootfile.ts';
import { parseListing, uncopyable } from './listing.ts';

/** nftables: rules in the kernel, and one saved script that a unit loads at boot. */
export const nftables: Firewall = {
  name: 'nftables',
  bootFiles: ['/etc/sysconfig/nftables.conf', '/etc/nftables.conf'],
  bootUnit: 'nftables.service',
  list: ['-a', '-s', 'list', 'ruleset'],
  readListing: parseListing,
  uncopyable,
  insertionsFor,
  insertScript: (insertions) => insertions.map(insertLine).join(''),
  deleteScript: (rules) =>
    rules.map(({ rule, handle }) => `delete rule ${place(rule)} handle ${handle}\n`).join(''),
  ours,
  placeInText,
  oursInText,
  removeFromText,
};

/** Tables that iptables may keep too: it cannot read a set of ports, and saves such a rule as one for every port. */
const SHARED_WITH_IPTABLES = ['ip', 'ip6'];

function insertionsFor({ decision, ports, families }: Denial): PlacedRule[] {
  const [family] = families;
  // In a table of both families a rule for one must say so: the other one may still meet bans further down.
  const only =
    decision.family === 'inet' && families.length === 1 && family !== undefined
      ? `meta nfproto ${family} `
      : '';
  const ranges = mergeRanges(ports);
  const groups = SHARED_WITH_IPTABLES.includes(decision.family) ? ranges.map((range) => [range]) : [ranges];
  return groups.map((group) => ({
    family: decision.family,
    table: decision.table,
    chain: decision.chain,
    before: decision.handle,
    text: `${only}tcp dport ${portExpression(group)} accept comment "${MARK}"`,
  }));
}

function portExpression(ports: readonly PortRange[]): string {
  const each = ports.map((range) => (range[0] === range[1] ? String(range[0]) : formatRange(range)));
  return each.length === 1 ? (each[0] ?? '') : `{ ${each.join(', ')} }`;
}

function insertLine(insertion: PlacedRule): string {
  const { before, text } = insertion;
  return before === null
    ? `add rule ${place(insertion)} ${text}\n`
    : `insert rule ${place(insertion)} handle ${before} ${text}\n`;
}

function place(rule: MarkedRule): string {
  return `${rule.family} ${rule.table} ${rule.chain}`;
}

function ours(chains: readonly Chain[]): OurRule[] {
  return chains.flatMap(({ family, table, chain, rules }) =>
    rules.flatMap(({ handle, text }, index) =>
      text.includes(`comment "${MARK}"`)
        ? [{ family, table, chain, handle, text, ports: portsOf(text), next: rules[index + 1]?.text ?? null }]
        : [],
    ),
  );
}

/** The ports of a rule as this program writes it. */
export function portsOf(rule: string): PortRange[] {
  const expression = /\btcp dport (\{[^}]*\}|\S+)/.exec(rule)?.[1] ?? '';
  return [...expression.matchAll(/(\d+)(?:-(\d+))?/g)].map(([, low, high]) => [
    Number(low),
    Number(high ?? low),
  ]);
}

/**
 * A saved text that writes the chain elsewhere as well (an include, `add rule` lines) gets a line of its own at the
 * end, which names the place by number.
 */
function placeInText(text: string, rule: MarkedRule, before: number | null, loaded: number): string {
  const { family, table, chain } = rule;
  const blocks = findChains(text).filter((each) => sameChain(each, rule));
  const written = blocks.reduce((sum, block) => sum + block.rules.length, 0);
  const placed = written === loaded ? placeRule(text, { family, table, chain, before }, rule.text) : null;
  if (placed !== null) return placed;
  const line = before === null ? `add rule ${place(rule)} ` : `insert rule ${place(rule)} index ${before} `;
  return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${line}${rule.text}\n`;
}

const OWN_LINE = /^(?:add|insert) rule (\S+) (\S+) (\S+) (?:index \d+ )?(.*)$/;

function oursInText(text: string): MarkedRule[] {
  const inBlocks = markedRules(text, MARK).map(({ family, table, chain, text: rule }) => ({
    family,
    table,
    chain,
    text: rule,
  }));
  const lines = text.split('\n').flatMap((line) => {
    const [, family = '', table = '', chain = '', rule = ''] = OWN_LINE.exec(line) ?? [];
    return rule.endsWith(`comment "${MARK}"`) ? [{ family, table, chain, text: rule }] : [];
  });
  return [...inBlocks, ...lines];
}

function removeFromText(text: string, rules: readonly MarkedRule[]): string {
  if (rules.length === 0) return text;
  const gone = (rule: string): boolean => rules.some((each) => sameText(each.text, rule));
  const kept = text.split('\n').filter((line) => !gone(OWN_LINE.exec(line)?.[4] ?? ''));
  return removeRules(kept.join('\n'), gone);
}

function sameChain(a: Pick<MarkedRule, 'family' | 'table' | 'chain'>, b: MarkedRule): boolean {
  return a.family === b.family && a.table === b.table && a.chain === b.chain;
}

/** Rule texts are compared without regard to blanks: a saved file may be indented by hand. */
export function sameText(a: string, b: string): boolean {
  const plain = (text: string): string => text.trim().replace(/\s+/g, ' ');
  return plain(a) === plain(b);
}

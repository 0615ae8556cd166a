import type { MarkedRule } from '../../core/plan.ts';
import { formatRange, mergeRanges, type PortRange } from '../../core/range.ts';
import { MARK, type Chain, type Denial, type Firewall, type Insertion, type OurRule } from '../firewall.ts';
import { markedRules, placeRule, removeRules } from './bootfile.ts';
import { parseListing, uncopyable } from './listing.ts';

/** nftables: rules in the kernel, and one saved script that a unit loads at boot. */
export const nftables: Firewall = {
  name: 'nftables',
  bootFiles: ['/etc/sysconfig/nftables.conf', '/etc/nftables.conf'],
  bootUnit: 'nftables.service',
  list: ['-a', '-s', 'list', 'ruleset'],
  readListing: parseListing,
  uncopyable,
  insertionFor,
  insertScript: (insertions) => insertions.map(insertLine).join(''),
  deleteScript: (rules) =>
    rules.map(({ rule, handle }) => `delete rule ${place(rule)} handle ${handle}\n`).join(''),
  ours,
  placeInText,
  oursInText: (text) =>
    markedRules(text, MARK).map(({ family, table, chain, text: rule }) => ({
      family,
      table,
      chain,
      text: rule,
    })),
  removeFromText: (text, rules) =>
    removeRules(text, (rule) => rules.some((each) => sameText(each.text, rule))),
};

function insertionFor({ decision, ports, families }: Denial): Insertion {
  const [family] = families;
  // In a table of both families a rule for one must say so: the other one may still meet bans further down.
  const only =
    decision.family === 'inet' && families.length === 1 && family !== undefined
      ? `meta nfproto ${family} `
      : '';
  return {
    family: decision.family,
    table: decision.table,
    chain: decision.chain,
    before: decision.handle,
    text: `${only}tcp dport ${portExpression(ports)} accept comment "${MARK}"`,
  };
}

function portExpression(ports: readonly PortRange[]): string {
  const each = mergeRanges(ports).map((range) =>
    range[0] === range[1] ? String(range[0]) : formatRange(range),
  );
  return each.length === 1 ? (each[0] ?? '') : `{ ${each.join(', ')} }`;
}

function insertLine(insertion: Insertion): string {
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

/** A saved text whose chain is written elsewhere gets a line of its own at the end, which names the place by number. */
function placeInText(text: string, rule: MarkedRule, before: number | null): string {
  const placed = placeRule(
    text,
    { family: rule.family, table: rule.table, chain: rule.chain, before },
    rule.text,
  );
  if (placed !== null) return placed;
  const line =
    before === null
      ? `add rule ${place(rule)} ${rule.text}`
      : `insert rule ${place(rule)} index ${before} ${rule.text}`;
  return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${line}\n`;
}

/** Rule texts are compared without regard to blanks: a saved file may be indented by hand. */
export function sameText(a: string, b: string): boolean {
  const plain = (text: string): string => text.trim().replace(/\s+/g, ' ');
  return plain(a) === plain(b);
}

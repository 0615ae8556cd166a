import type { FileFact } from '../../core/file.ts';
import type { Finding } from '../../core/finding.ts';
import { phrase } from '../../core/phrase.ts';
import type { MarkedRule, PlacedRule } from '../../core/plan.ts';
import { formatRange, mergeRanges, type PortRange } from '../../core/range.ts';
import {
  MARK,
  type Denial,
  type FirewallFacts,
  type OurRule,
  type Rulebook,
  type SavedRules,
} from '../firewall.ts';
import { NO_RULES, samePlace, type Chain } from '../ruleset.ts';
import { canStop, isIncoming } from '../strict.ts';
import { findChains, markedRules, placeRule, removeRules } from './bootfile.ts';
import { sameText } from './listing.ts';

const BOOT_FILES = ['/etc/sysconfig/nftables.conf', '/etc/nftables.conf'];
const UNIT = 'nftables.service';

/** nftables: rules in the kernel, and one saved script that a unit loads at boot. */
export const nftables: Rulebook = {
  name: 'nftables',
  files: BOOT_FILES,
  units: [UNIT],
  standing: ({ chains, files }) =>
    chains.some((chain) => chain.tool === 'nft' && isIncoming(chain) && canStop(chains, chain))
      ? 'active'
      : BOOT_FILES.some((path) => files.get(path))
        ? 'inactive'
        : 'absent',
  findings,
  keeps: ({ tool }) => tool === 'nft',
  insertionsFor,
  ours,
  saved,
  rulesetOf: (files, live) => ({
    ...NO_RULES,
    nft: files.map(({ text }) => text).join('\n'),
    ipsets: live.ipsets,
  }),
  fileOf: (_, [file]) => file?.path ?? null,
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
    before: decision.index,
    text: `${only}tcp dport ${portExpression(group)} accept comment "${MARK}"`,
  }));
}

function portExpression(ports: readonly PortRange[]): string {
  const each = ports.map((range) => formatRange(range));
  return each.length === 1 ? (each[0] ?? '') : `{ ${each.join(', ')} }`;
}

function place(rule: MarkedRule): string {
  return `${rule.family} ${rule.table} ${rule.chain}`;
}

function ours(chains: readonly Chain[]): OurRule[] {
  const own = chains.filter(({ tool }) => tool === 'nft');
  return own.flatMap(({ family, table, chain, rules }) =>
    rules.flatMap(({ text }, index) =>
      text.includes(`comment "${MARK}"`)
        ? [{ family, table, chain, index, text, ports: portsOf(text), next: rules[index + 1]?.text ?? null }]
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
function placeInText(text: string, rule: PlacedRule, loaded: number): string {
  const { family, table, chain, before } = rule;
  const blocks = findChains(text).filter((each) => samePlace(each, rule));
  const written = blocks.reduce((sum, block) => sum + block.rules.length, 0);
  const placed = written === loaded ? placeRule(text, { family, table, chain, before }, rule.text) : null;
  if (placed !== null) return placed;
  const line = before === null ? `add rule ${place(rule)} ` : `insert rule ${place(rule)} index ${before} `;
  return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${line}${rule.text}\n`;
}

const OWN_LINE = /^(?:add|insert) rule (\S+) (\S+) (\S+) (?:index \d+ )?(.*)$/;

function oursInText(text: string): (MarkedRule & { ports: PortRange[] })[] {
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
  return [...inBlocks, ...lines].map((rule) => ({ ...rule, ports: portsOf(rule.text) }));
}

function removeFromText(text: string, rules: readonly MarkedRule[]): string {
  if (rules.length === 0) return text;
  const gone = (rule: string): boolean => rules.some((each) => sameText(each.text, rule));
  const kept = text.split('\n').filter((line) => !gone(OWN_LINE.exec(line)?.[4] ?? ''));
  return removeRules(kept.join('\n'), gone);
}

function saved(facts: FirewallFacts): SavedRules | null {
  const file = bootFileOf(facts);
  return file === null ? null : { files: [file], unit: UNIT, enabled: facts.enabled.has(UNIT) };
}

/** Of several saved scripts the one that holds a chain which is in force now. */
function bootFileOf({ files, chains }: FirewallFacts): FileFact | null {
  const present = BOOT_FILES.flatMap((path) => files.get(path) ?? []);
  const holds = (file: FileFact): boolean =>
    chains.some(
      ({ base, table, chain }) =>
        base !== null && file.text.includes(table) && file.text.split(/\s+/).includes(chain),
    );
  return present.find(holds) ?? present[0] ?? null;
}

function findings(facts: FirewallFacts): Finding[] {
  const kept = saved(facts);
  if (kept === null) {
    return [
      {
        id: 'boot-none',
        level: 'info',
        title: phrase`The firewall rules are not saved`,
        fact: phrase`Neither ${BOOT_FILES.join(phrase` nor `)} exists.`,
        fix: phrase`After a reboot this firewall is not there; save your rules if you want it back.`,
      },
    ];
  }
  if (kept.enabled) return [];
  return [
    {
      id: 'boot-not-enabled',
      level: 'info',
      title: phrase`The saved firewall rules are not loaded at boot`,
      fact: phrase`${UNIT} is not enabled, so ${kept.files[0]?.path ?? ''} is not loaded at boot.`,
      fix: 'systemctl enable nftables',
    },
  ];
}

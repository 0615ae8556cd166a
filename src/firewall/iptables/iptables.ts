import type { FileFact } from '../../core/file.ts';
import { phrase } from '../../core/phrase.ts';
import type { MarkedRule, PlacedRule } from '../../core/plan.ts';
import { Problem } from '../../core/problem.ts';
import { formatRange, mergeRanges, type PortRange } from '../../core/range.ts';
import {
  MARK,
  type Denial,
  type FirewallFacts,
  type OurRule,
  type Rulebook,
  type Standing,
} from '../firewall.ts';
import { samePlace, type Chain, type Place, type Ruleset, type SavedTables } from '../ruleset.ts';
import { DEBIAN, findings, RED_HAT } from './findings.ts';
import { familyOf, SAVED_FILES, savedRules, UNITS } from './saved-files.ts';
import { parseSaved, placeByNumber, placeRule, removeRules } from './saved.ts';
import { readSections, sectionOf } from './sections.ts';
import { stopsIncoming } from './stopping.ts';
import { carries, portsOf } from './words.ts';

/** iptables, through nft or of the older kind: rules in the kernel, and saved tables that a unit loads at boot. */
export const iptables: Rulebook = {
  name: 'iptables',
  files: [...SAVED_FILES, DEBIAN, RED_HAT],
  units: UNITS,
  standing,
  findings,
  keeps: ({ tool }) => tool !== 'nft',
  insertionsFor,
  ours,
  saved: savedRules,
  rulesetOf,
  fileOf,
  placeInText,
  oursInText,
  removeFromText,
};

type SavedText = Pick<FileFact, 'path' | 'text'>;

function standing({ active, chains, files }: FirewallFacts): Standing {
  if (UNITS.some((unit) => active.has(unit)) || stopsIncoming(chains)) return 'active';
  return SAVED_FILES.some((path) => (files.get(path) ?? null) !== null) ? 'inactive' : 'absent';
}

/** A rule a range: a list of ports would need a match that not every kernel has. */
function insertionsFor({ decision, ports }: Denial): PlacedRule[] {
  const { tool, family, table, chain, index } = decision;
  if (tool === 'nft') throw new Problem('internal', phrase`${table} ${chain} is not kept by iptables.`);
  return mergeRanges(ports).map((range) => {
    const text = `-p tcp -m tcp --dport ${portExpression(range)} -m comment --comment "${MARK}" -j ACCEPT`;
    return { tool, family, table, chain, before: index, text };
  });
}

function portExpression(range: PortRange): string {
  return formatRange(range, 'colon');
}

function ours(chains: readonly Chain[]): OurRule[] {
  return chains.flatMap(({ tool, family, table, chain, rules }) =>
    rules.flatMap(({ text }, index) => {
      if (tool === 'nft' || !carries(text, MARK)) return [];
      const next = rules[index + 1]?.text ?? null;
      return [{ tool, family, table, chain, text, index, ports: portsOf(text), next }];
    }),
  );
}

/** Rules that other programs make at boot are not in it; sets of addresses are taken as they are now. */
function rulesetOf(files: readonly SavedText[], live: Ruleset): Ruleset {
  const saved = files.map(({ path, text }) => {
    const family = familyOf(path);
    return { family, text, tool: flavourOf({ family, text }, live.saved) };
  });
  return { nft: '', ipsets: live.ipsets, saved };
}

/** The flavour that has most of the file's rules in force, else one that has any; the newer one when none tells. */
function flavourOf(file: Omit<SavedTables, 'tool'>, live: readonly SavedTables[]): SavedTables['tool'] {
  const kept = parseSaved({ ...file, tool: 'iptables' });
  const score = (tool: SavedTables['tool']): [same: number, any: number] => {
    const own = live.filter((each) => each.tool === tool);
    const chains = own.filter(({ family }) => family === file.family).flatMap(parseSaved);
    const same = kept.flatMap((chain) => {
      const texts = new Set(chains.find((each) => samePlace(each, chain))?.rules.map(({ text }) => text));
      return chain.rules.filter(({ text }) => texts.has(text));
    });
    return [same.length, own.flatMap(parseSaved).length];
  };
  const [same, any] = score('iptables');
  const [legacySame, legacyAny] = score('iptables-legacy');
  return legacySame > same || (legacySame === same && any === 0 && legacyAny > 0)
    ? 'iptables-legacy'
    : 'iptables';
}

function fileOf({ family, table }: Place, files: readonly SavedText[]): string | null {
  const own = files.filter(({ path }) => familyOf(path) === family);
  return own.find(({ text }) => sectionOf(text, table, null) !== undefined)?.path ?? null;
}

/**
 * A text of which not every line is understood gets a line at the end of its table that names the place by number.
 * @throws Problem `unsupported` when the text has no such chain
 */
function placeInText(text: string, rule: PlacedRule, loaded: number): string {
  const { family, table, chain, before } = rule;
  const place = { family: family === 'ip6' ? 'ip6' : 'ip', table, chain } as const;
  const written = parseSaved({ ...place, tool: 'iptables', text }).find((each) => samePlace(each, place));
  const understood = (written?.rules.length ?? 0) === loaded;
  const placed = understood ? placeRule(text, place, before, rule.text) : null;
  const after = placed ?? placeByNumber(text, place, before, rule.text);
  if (after !== null) return after;
  const where = phrase`${chain} in table ${table}`;
  throw new Problem(
    'unsupported',
    phrase`The saved rules have no chain ${where}, so the rule cannot be kept there.`,
  );
}

function oursInText(text: string, path: string): (MarkedRule & { readonly ports: readonly PortRange[] })[] {
  const family = familyOf(path);
  return readSections(text, family).flatMap(({ table, lines }) =>
    lines
      .filter((line) => carries(line.text, MARK))
      .map((line) => {
        const { chain, text: rule } = line;
        return { tool: 'iptables', family, table, chain, text: rule, ports: portsOf(rule) } as const;
      }),
  );
}

function removeFromText(text: string, rules: readonly MarkedRule[]): string {
  return rules.reduce((left, { table, chain, text: rule }) => removeRules(left, table, chain, rule), text);
}

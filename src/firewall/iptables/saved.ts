import type { Chain, Place, SavedTables } from '../ruleset.ts';
import { baseOf, isBuiltIn } from './hooks.ts';
import { readSections, sectionOf, type RuleLine, type Section } from './sections.ts';
import { sameRule } from './words.ts';

export { sameRule };

/** The chains that are in force once the text is loaded into a kernel without rules. */
export function parseSaved(saved: SavedTables): readonly Chain[] {
  const known = parsed.get(saved) ?? parse(saved);
  parsed.set(saved, known);
  return known;
}

/** The same rules are asked for again and again, and many of them take a while. */
const parsed = new WeakMap<SavedTables, readonly Chain[]>();

function parse({ family, tool, text }: SavedTables): Chain[] {
  const sections = readSections(text, family);
  const last = new Map(sections.map((section) => [section.table, section]));
  return [...last.values()].flatMap((section) => {
    const policies =
      tool === 'iptables-legacy' ? earlierPolicies(sections, section) : new Map<string, null>();
    const { table, chains } = section;
    return [...new Set([...policies.keys(), ...chains.keys()])].map((chain) => {
      const policy = chains.get(chain)?.policy ?? policies.get(chain) ?? null;
      const rules = (chains.get(chain)?.rules ?? []).map((rule) => ({ handle: null, text: rule.text }));
      return { tool, family, table, chain, base: baseOf(table, chain, policy), rules };
    });
  });
}

/** A later section of a table empties it; only the legacy tool lets policies stay that it does not name. */
function earlierPolicies(sections: readonly Section[], last: Section): Map<string, string | null> {
  const earlier = sections.filter((section) => section.table === last.table && section !== last);
  return new Map(
    earlier.flatMap(({ table, chains }) =>
      [...chains]
        .filter(([chain, { policy }]) => policy !== null && isBuiltIn(table, chain))
        .map(([chain, { policy }]) => [chain, policy] as const),
    ),
  );
}

/**
 * The text with a rule more: before the chain's rule number `before` (from 0, as loaded), or behind its last one. Null
 * when there is no such table, chain or rule, or when a line of the table is not understood.
 */
export function placeRule(text: string, place: Place, before: number | null, rule: string): string | null {
  const section = sectionOf(text, place.table, familyOf(place));
  if (section?.sure !== true || !holds(section, place.chain)) return null;
  const rules = section.chains.get(place.chain)?.rules ?? [];
  const next = before === null ? undefined : rules[before];
  if (before !== null && next === undefined) return null;
  const inserted = section.lines.some((line) => line.inserts && line.chain === place.chain);
  if (inserted || next?.first === false) return placeByNumber(text, place, before, rule);
  const at = next === undefined ? (rules.at(-1)?.line.end ?? section.end) : next.line.start;
  return addLine(text, at, `-A ${place.chain} ${rule}`);
}

/**
 * The text with a line that is run when all other lines of the table have been run, so that the number means what it
 * says in any text that loads. Null when the text has no such table or chain.
 */
export function placeByNumber(
  text: string,
  place: Place,
  before: number | null,
  rule: string,
): string | null {
  const section = sectionOf(text, place.table, familyOf(place));
  if (section === undefined || !holds(section, place.chain)) return null;
  const line = before === null ? `-A ${place.chain}` : `-I ${place.chain} ${before + 1}`;
  return addLine(text, section.end, `${line} ${rule}`);
}

function familyOf({ family }: Place): 'ip' | 'ip6' {
  return family === 'ip6' ? 'ip6' : 'ip';
}

function holds(section: Section, chain: string): boolean {
  return section.chains.has(chain) || isBuiltIn(section.table, chain);
}

function addLine(text: string, at: number, line: string): string {
  const head = text.slice(0, at);
  if (head.endsWith('\n')) return head + line + (head.endsWith('\r\n') ? '\r\n' : '\n') + text.slice(at);
  return `${head}${head.endsWith('\r') ? '\r\n' : '\n'}${line}`;
}

/**
 * The text without the lines that hold this rule; takes back exactly what `placeRule` did. Numbers of `-I` lines that
 * counted a rule that goes are lowered, so that all others stay in their order.
 */
export function removeRules(text: string, table: string, chain: string, rule: string): string {
  for (const section of readSections(text, null)) {
    const line = section.lines.find((each) => each.chain === chain && sameRule(each.text, rule));
    if (section.table === table && line !== undefined) {
      return removeRules(withoutLine(text, section, line), table, chain, rule);
    }
  }
  return text;
}

function withoutLine(text: string, section: Section, line: RuleLine): string {
  const head = text.slice(0, line.start);
  const tail = lowered(text, section, line);
  return text.slice(line.start, line.end).endsWith('\n') ? head + tail : head.replace(/\r?\n$/, '') + tail;
}

/** What stands behind the line, as it must read without it. */
function lowered(text: string, section: Section, line: RuleLine): string {
  let tail = text.slice(line.end);
  if (!line.inserts && !section.sure) return tail;
  let { at } = line;
  let shift = 0;
  for (const later of section.lines.slice(section.lines.indexOf(line) + 1)) {
    if (later.chain !== line.chain || !later.inserts) continue;
    if (later.at <= at) at += later.count;
    else if (later.number !== null) {
      const [from, to] = [later.number.start - line.end + shift, later.number.end - line.end + shift];
      const number = String(later.at);
      tail = tail.slice(0, from) + number + tail.slice(to);
      shift += number.length - (to - from);
    }
  }
  return tail;
}

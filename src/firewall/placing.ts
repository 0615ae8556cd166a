import type { MarkedRule, PlacedRule } from '../core/plan.ts';
import { sameRule } from './iptables/saved.ts';
import { sameText } from './nftables/listing.ts';
import { samePlace, type Chain } from './ruleset.ts';

/** Where the programs that change rules are. */
export interface Tools {
  readonly nft: string;
  readonly ipset: string;
  iptables(family: string, tool: 'iptables' | 'iptables-legacy', verb: '' | '-save' | '-restore'): string;
}

/** `rules`: those that the command puts in or takes out. */
export interface Command {
  readonly argv: readonly string[];
  readonly stdin?: string;
  readonly rules: readonly MarkedRule[];
}

/** Another program may hold iptables' lock for so many seconds. */
const WAIT = ['-w', '5'];

/**
 * What puts these rules in. All rules of nft go in one script, which the kernel takes or refuses as a whole.
 * `chains`: as they are now, which gives handles to places.
 */
export function insertCommands(
  tools: Tools,
  rules: readonly PlacedRule[],
  chains: readonly Chain[],
): Command[] {
  const native = rules.filter(({ tool }) => tool === undefined);
  const script = native.map((rule) => nftInsert(rule, chains)).join('');
  // From the end of a chain on, so that a number still means the same rule.
  const others = rules.filter(({ tool }) => tool !== undefined);
  const backwards = others.toSorted((a, b) => (b.before ?? Infinity) - (a.before ?? Infinity));
  return [
    ...(script === '' ? [] : [nftCommand(tools, script, native)]),
    ...backwards.map((rule) => iptablesCommand(tools, rule, iptablesPlace(rule))),
  ];
}

/** What takes these rules out again, found by their texts. Rules that are not there are passed over. */
export function deleteCommands(
  tools: Tools,
  rules: readonly MarkedRule[],
  chains: readonly Chain[],
): Command[] {
  const taken = new Map<string, number>();
  const there = rules.flatMap((rule) => {
    const key = `${toolOf(rule)} ${placeOf(rule)} ${rule.text}`;
    const count = taken.get(key) ?? 0;
    taken.set(key, count + 1);
    const found = findRules(rule, rule.text, chains)[count];
    return found === undefined ? [] : [{ rule, handle: found.handle }];
  });
  const native = there.filter(({ rule }) => rule.tool === undefined);
  const script = native
    .map(({ rule, handle }) => `delete rule ${placeOf(rule)} handle ${handle ?? 0}\n`)
    .join('');
  return [
    ...(script === ''
      ? []
      : [
          nftCommand(
            tools,
            script,
            native.map(({ rule }) => rule),
          ),
        ]),
    ...there
      .filter(({ rule }) => rule.tool !== undefined)
      .map(({ rule }) => iptablesCommand(tools, rule, ['-D', rule.chain])),
  ];
}

/** A rule of a chain by its text, and its index. */
export function findRule(
  rule: MarkedRule,
  text: string,
  chains: readonly Chain[],
): { index: number; handle: number | null } | null {
  return findRules(rule, text, chains)[0] ?? null;
}

/** A chain may have several rules of one text. */
function findRules(
  rule: MarkedRule,
  text: string,
  chains: readonly Chain[],
): { index: number; handle: number | null }[] {
  const chain = chains.find((each) => samePlace(each, rule) && toolOf(rule) === each.tool);
  const same = rule.tool === undefined ? sameText : sameRule;
  return (chain?.rules ?? []).flatMap(({ handle, text: own }, index) =>
    same(own, text) ? [{ index, handle }] : [],
  );
}

export function toolOf(rule: MarkedRule): Chain['tool'] {
  return rule.tool ?? 'nft';
}

function nftCommand(tools: Tools, script: string, rules: readonly MarkedRule[]): Command {
  return { argv: [tools.nft, '-e', '-f', '-'], stdin: script, rules };
}

function nftInsert(rule: PlacedRule, chains: readonly Chain[]): string {
  const chain = chains.find((each) => samePlace(each, rule));
  const handle = rule.before === null ? null : (chain?.rules[rule.before]?.handle ?? null);
  return handle === null
    ? `add rule ${placeOf(rule)} ${rule.text}\n`
    : `insert rule ${placeOf(rule)} handle ${handle} ${rule.text}\n`;
}

function placeOf({ family, table, chain }: MarkedRule): string {
  return `${family} ${table} ${chain}`;
}

function iptablesPlace({ chain, before }: PlacedRule): string[] {
  return before === null ? ['-A', chain] : ['-I', chain, String(before + 1)];
}

function iptablesCommand(tools: Tools, rule: MarkedRule, place: readonly string[]): Command {
  const program = tools.iptables(rule.family, rule.tool ?? 'iptables', '');
  const table = rule.table === 'filter' ? [] : ['-t', rule.table];
  const words = rule.text.replaceAll('"', '').split(' ');
  return { argv: [program, ...WAIT, ...table, ...place, ...words], rules: [rule] };
}

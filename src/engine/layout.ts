import { phrase } from '../core/phrase.ts';
import type { PlacedRule } from '../core/plan.ts';
import type { Decision } from '../core/reach.ts';
import { readChains } from '../firewall/chains.ts';
import { parseListing } from '../firewall/nftables/listing.ts';
import { toolOf } from '../firewall/placing.ts';
import { samePlace, type Chain, type Place, type Ruleset } from '../firewall/ruleset.ts';
import type { OurRule } from '../firewall/firewall.ts';
import type { Lightened } from './others.ts';
import type { TraceStep } from './trace.ts';

/** Which rule of the copy was which in the original, while rules are put in and taken out. */
export interface Layout {
  readonly chains: readonly Chain[];
  /** The chains of the copy as it is, from its listing. */
  now(listing: string): Chain[];
  /** Where in the copy stands what `rule` goes before; null: at the end. */
  positionOf(rule: PlacedRule): number | null;
  placed(rules: readonly PlacedRule[]): void;
  removed(rules: readonly OurRule[]): void;
  /** Where the rules of a chain stand, by their handles in their order; null where it has more or fewer. */
  listedBy(place: Place, handles: readonly number[]): Listed | null;
  /** A step of a trace in the original's terms. */
  decisionOf(step: TraceStep, listed: Listed): Decision;
  /** A place that was counted in the copy, in the original's terms. */
  original(decision: Decision): Decision;
}

/** The words for a rule that stands in braces behind a jump: its chain has no name by which nft would list it. */
export const UNNAMED = phrase`a rule of a chain without a name`;

/** Where each rule of a listing stands, by its chain and its handle. */
export type Listed = ReadonlyMap<string, { readonly position: number; readonly text: string }>;

export function listedOf(chains: readonly (Place & Pick<Chain, 'rules'>)[]): Listed {
  return new Map(
    chains.flatMap((chain) =>
      chain.rules.map(({ handle, text }, position) => [ruleKey(chain, handle), { position, text }] as const),
    ),
  );
}

function ruleKey({ family, table, chain }: Place, handle: number | null): string {
  return `${family} ${table} ${chain} ${handle ?? ''}`;
}

/** @param light what of nft's listing is in the copy; null: all */
export function openLayout(ruleset: Ruleset, light: Lightened | null = null): Layout {
  const chains = readChains(ruleset);
  const orders = new Map<Chain, (number | null)[]>(
    chains.map((chain) => [
      chain,
      chain.rules.flatMap(({ handle }, index) => (light?.without(chain, handle) === true ? [] : [index])),
    ]),
  );
  const traced = new Map(
    chains.filter(({ tool }) => tool !== 'iptables-legacy').map((chain) => [ruleKey(chain, null), chain]),
  );
  const chainAt = (place: Place, tool?: Chain['tool']): Chain | undefined =>
    chains.find((each) => samePlace(each, place) && (tool === undefined || each.tool === tool));
  const orderAt = (place: Place, tool?: Chain['tool']): (number | null)[] => {
    const chain = chainAt(place, tool);
    return (chain && orders.get(chain)) ?? [];
  };
  const listedChain = (chain: Chain): Chain => {
    const original = chains.find((each) => each.tool !== 'iptables-legacy' && samePlace(each, chain));
    if (original === undefined) return chain;
    const order = orders.get(original) ?? [];
    const rules = chain.rules.map(({ handle, text }, index) => {
      const from = order[index] ?? null;
      return { handle, text: from === null ? text : (original.rules[from]?.text ?? text) };
    });
    return { ...chain, tool: original.tool, rules };
  };
  return {
    chains,
    now: (listing) => [
      ...parseListing(listing).map(listedChain),
      ...chains.filter(({ tool }) => tool === 'iptables-legacy'),
    ],
    positionOf(rule) {
      if (rule.before === null) return null;
      const position = orderAt(rule, toolOf(rule)).indexOf(rule.before);
      return position < 0 ? null : position;
    },
    placed(rules) {
      for (const rule of rules) {
        const order = orderAt(rule, toolOf(rule));
        const position = rule.before === null ? -1 : order.indexOf(rule.before);
        order.splice(position < 0 ? order.length : position, 0, null);
      }
    },
    removed(rules) {
      for (const rule of rules) {
        const order = orderAt(rule, toolOf(rule));
        order.splice(order.indexOf(rule.index), 1);
      }
    },
    listedBy(place, handles) {
      const original = traced.get(ruleKey(place, null));
      const order = (original && orders.get(original)) ?? [];
      if (order.length !== handles.length) return null;
      const rules = order.map((from, at) => {
        return { handle: handles[at] ?? null, text: original?.rules[from ?? -1]?.text ?? '' };
      });
      return listedOf([{ ...place, rules }]);
    },
    decisionOf({ family, table, chain, handle, text }, listed) {
      const place = { family, table, chain };
      const original = traced.get(ruleKey(place, null));
      const copy = handle === null ? undefined : listed.get(ruleKey(place, handle));
      const order = original === undefined ? [] : (orders.get(original) ?? []);
      const index = copy === undefined ? null : (order[copy.position] ?? null);
      const words = original?.rules[index ?? -1]?.text ?? (text === '' ? (copy?.text ?? UNNAMED) : text);
      return { tool: original?.tool ?? 'nft', ...place, index, text: words };
    },
    original(decision) {
      const { tool, index } = decision;
      return { ...decision, index: index === null ? null : (orderAt(decision, tool)[index] ?? null) };
    },
  };
}

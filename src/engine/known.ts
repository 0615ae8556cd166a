import type { PortRange } from '../core/range.ts';
import type { Family } from '../core/reach.ts';
import type { Ruleset } from '../firewall/ruleset.ts';
import { callersOf, namedNetworks, portStarts, targetPorts } from './boundaries.ts';
import { openLayout, type Layout } from './layout.ts';
import type { Lightened } from './others.ts';
import type { Link } from './ports.ts';
import { stranger, type Origin } from './strangers.ts';

/** What has to be known of rules before anybody asks about them. */
export interface Known {
  readonly layout: Layout;
  /** Every address and network that they name. */
  readonly networks: readonly string[];
  /** Somebody whom none of them names, where there is such an address. */
  readonly stranger: (family: Family) => Origin;
  /** The ports at which they could begin to tell ports apart. */
  readonly starts: readonly number[];
  /** The ports that they lead connections to. */
  readonly targets: readonly number[];
  /** The ports to come from, which none of them names where that can be. */
  readonly callers: PortRange;
}

/**
 * @param ruleset as nft lists it
 * @param main where strangers come in
 * @param light what of the listing is in the copy, where nothing but the listing decides; null: all
 */
export function readKnown(ruleset: Ruleset, main: Link, light: Lightened | null = null): Known {
  const { nft, ipsets, saved } = ruleset;
  const named = [nft, ipsets, ...saved.map(({ text }) => withoutRemarks(text))].join('\n');
  const met = light?.listing ?? named;
  const starts = portStarts(met);
  const networks = namedNetworks(named);
  const strangers = new Map<Family, Origin>();
  return {
    layout: openLayout(ruleset, light),
    networks,
    stranger(family) {
      const origin = strangers.get(family) ?? stranger(networks, family, main);
      strangers.set(family, origin);
      return origin;
    },
    starts,
    targets: targetPorts(met),
    callers: callersOf(met, starts),
  };
}

/** What iptables-save says about itself holds numbers that are no ports. */
function withoutRemarks(saved: string): string {
  return saved.replace(/^#.*$/gm, '');
}

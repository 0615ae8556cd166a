import type { PortRange } from '../core/range.ts';
import type { Ruleset } from '../firewall/ruleset.ts';
import { callersOf, namedNetworks, portStarts, targetPorts } from './boundaries.ts';
import { openLayout, type Layout } from './layout.ts';

/** What has to be known of rules before anybody asks about them. */
export interface Known {
  readonly layout: Layout;
  /** Every address and network that they name. */
  readonly networks: readonly string[];
  /** The ports at which they could begin to tell ports apart. */
  readonly starts: readonly number[];
  /** The ports that they lead connections to. */
  readonly targets: readonly number[];
  /** The ports to come from, which none of them names where that can be. */
  readonly callers: PortRange;
}

/** @param ruleset as nft lists it */
export function readKnown(ruleset: Ruleset): Known {
  const { nft, ipsets, saved } = ruleset;
  const named = [nft, ipsets, ...saved.map(({ text }) => withoutRemarks(text))].join('\n');
  const starts = portStarts(named);
  return {
    layout: openLayout(ruleset),
    networks: namedNetworks(named),
    starts,
    targets: targetPorts(named),
    callers: callersOf(named, starts),
  };
}

/** What iptables-save says about itself holds numbers that are no ports. */
function withoutRemarks(saved: string): string {
  return saved.replace(/^#.*$/gm, '');
}

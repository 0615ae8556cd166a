import type { PlacedRule } from '../../core/plan.ts';
import type { PortRange } from '../../core/range.ts';
import type { Chain, Place } from '../ruleset.ts';
import { tokenOf } from './conf.ts';

/** Its chain for bans and friends; CSF's own watchdog takes it for the sign that the rules are in force. */
const SIGN = 'LOCALINPUT';
/** Where everything ends up that no rule of INPUT lets in. */
const FINAL = 'LOGDROPIN';

/** Chains that CSF makes or fills, beside those that its LOCALINPUT leads to. */
const CHAINS = [
  ...['INPUT', 'OUTPUT', SIGN, 'LOCALOUTPUT', 'LOGDROPIN', 'LOGDROPOUT', 'INVALID', 'INVDROP'],
  ...['ALLOWIN', 'ALLOWOUT', 'DENYIN', 'DENYOUT', 'ALLOWDYNIN', 'ALLOWDYNOUT', 'GALLOWIN', 'GALLOWOUT'],
  ...['GDENYIN', 'GDENYOUT', 'SYNFLOOD', 'PORTFLOOD', 'UDPFLOOD', 'CONNLIMIT', 'SMTPOUTPUT'],
  ...['CC_ALLOWF', 'CC_ALLOWP', 'CC_ALLOWPORTS', 'CC_DENYP', 'CC_DENYPORTS'],
];

/** Whether CSF's rules for this family (`ip`, `ip6`) are in the kernel. */
export function inForce(chains: readonly Chain[], family: string): boolean {
  return chains.some((each) => isFilter(each, family) && each.chain === SIGN);
}

/** Whether CSF makes this chain, which it flushes and fills anew whenever it starts. */
export function makes(place: Place, chains: readonly Chain[]): boolean {
  if (place.table !== 'filter') return false;
  return CHAINS.includes(place.chain) || reachedFrom(SIGN, place.family, chains).has(place.chain);
}

/** The chains that rules of this one jump to, and so on: blocklists are chains with names of the administrator's. */
function reachedFrom(start: string, family: string, chains: readonly Chain[]): ReadonlySet<string> {
  const reached = new Set([start]);
  for (const name of reached) {
    const chain = chains.find((each) => isFilter(each, family) && each.chain === name);
    for (const { text } of chain?.rules ?? []) {
      const target = /(?:^| )-[jg] (\S+)/.exec(text)?.[1];
      if (target !== undefined && chains.some((each) => isFilter(each, family) && each.chain === target))
        reached.add(target);
    }
  }
  return reached;
}

/** The rule that CSF makes for an item of TCP_IN, below every ban and before all that is left is dropped. */
export function ruleFor(range: PortRange, family: 'ip' | 'ip6', chains: readonly Chain[]): PlacedRule[] {
  const input = chains.find((each) => isFilter(each, family) && each.chain === 'INPUT');
  if (input === undefined || input.tool === 'nft') return [];
  const final = input.rules.findLastIndex(({ text }) => new RegExp(`(?:^| )-[jg] ${FINAL}\\b`).test(text));
  return [
    {
      tool: input.tool,
      family,
      table: 'filter',
      chain: 'INPUT',
      text: `! -i lo -p tcp -m conntrack --ctstate NEW -m tcp --dport ${tokenOf(range)} -j ACCEPT`,
      before: final === -1 ? null : final,
    },
  ];
}

function isFilter(chain: Chain, family: string): boolean {
  return chain.family === family && chain.table === 'filter';
}

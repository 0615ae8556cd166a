import { samePlace, type Chain } from '../ruleset.ts';
import { targetOf, wordsOf } from './words.ts';

/** Chains and sets of programs that ban or forward beside a firewall: their drops are not the firewall's. */
const OVERLAY = /^(?:f2b-|fail2ban|docker|cphulk)/i;

/** Whether rules kept by iptables can stop a packet that comes in, other than by a ban or for a container. */
export function stopsIncoming(chains: readonly Chain[]): boolean {
  const own = chains.filter(({ tool }) => tool !== 'nft');
  return own.some(
    (chain) =>
      / hook (?:input|prerouting) /.test(chain.base ?? '') &&
      (/policy drop/.test(chain.base ?? '') || stops(chain, own, new Set())),
  );
}

function stops(chain: Chain, chains: readonly Chain[], seen: Set<Chain>): boolean {
  if (seen.has(chain)) return false;
  seen.add(chain);
  return chain.rules.some(({ text }) => {
    const target = targetOf(text);
    if (target === null || isOverlay(text, target, chain)) return false;
    if (/^(?:DROP|REJECT|TARPIT)$/.test(target)) return true;
    const next = chains.find(
      (each) => each.tool === chain.tool && samePlace(each, { ...chain, chain: target }),
    );
    return next !== undefined && stops(next, chains, seen);
  });
}

function isOverlay(rule: string, target: string, { table, chain }: Chain): boolean {
  const words = wordsOf(rule).map(({ value }) => value);
  const bans = OVERLAY.test(words[words.indexOf('--match-set') + 1] ?? '');
  // Docker shields the addresses of its containers from all interfaces but its own.
  const shields =
    table === 'raw' && chain === 'PREROUTING' && /^(?:docker|br-)/.test(words[inputAt(words)] ?? '');
  return OVERLAY.test(target) || bans || shields;
}

/** Where the interface of `! -i NAME` stands. */
function inputAt(words: readonly string[]): number {
  return words.findIndex((word, at) => word === '-i' && words[at - 1] === '!') + 1;
}

import type { Chain } from '../firewall.ts';

interface OpenChain extends Chain {
  base: string | null;
  readonly rules: { handle: number; text: string }[];
}

const TABLE = /^table (\S+) (\S+) \{/;
const CHAIN = /^\tchain (\S+) \{/;
const RULE = /^\t\t(.*) # handle (\d+)$/;
const BASE = /^\t\t(type \S+ hook .*)$/;

/** Reads the output of `nft -a list ruleset`. Sets, maps and other objects are passed over. */
export function parseListing(text: string): Chain[] {
  const chains: OpenChain[] = [];
  let family = '';
  let table = '';
  let current: OpenChain | null = null;
  for (const line of text.split('\n')) {
    const opensTable = TABLE.exec(line);
    const opensChain = CHAIN.exec(line);
    if (opensTable) [, family = '', table = ''] = opensTable;
    else if (opensChain) {
      current = { family, table, chain: opensChain[1] ?? '', base: null, rules: [] };
      chains.push(current);
    } else if (/^\t\}/.test(line)) current = null;
    else if (current) readChainLine(line, current);
  }
  return chains;
}

function readChainLine(line: string, chain: OpenChain): void {
  const rule = RULE.exec(line);
  if (rule) chain.rules.push({ handle: Number(rule[2]), text: rule[1] ?? '' });
  else chain.base = BASE.exec(line)?.[1] ?? chain.base;
}

/** Why a listing cannot be loaded again elsewhere: nft prints what iptables-nft made, but does not read it back. */
export function uncopyable(text: string): string | null {
  if (!/^\t\t.*\bxt (match|target) /m.test(text)) return null;
  return 'iptables made some of the rules; this version can copy rules of nftables only.';
}

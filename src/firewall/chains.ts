import { parseSaved } from './iptables/saved.ts';
import { parseListing, unreadable } from './nftables/listing.ts';
import { samePlace, type Chain, type Ruleset, type SavedTables } from './ruleset.ts';

/** Tables that iptables makes, and the chains through which their packets come. */
const IPTABLES_TABLES = ['raw', 'mangle', 'nat', 'filter', 'security'];
const BUILT_IN = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'];

const alreadyRead = new WeakMap<Ruleset, readonly Chain[]>();

/** Every chain in force. Those of a table that iptables keeps have the rules as iptables-save prints them. */
export function readChains(ruleset: Ruleset): readonly Chain[] {
  const chains = alreadyRead.get(ruleset) ?? chainsIn(ruleset);
  alreadyRead.set(ruleset, chains);
  return chains;
}

function chainsIn(ruleset: Ruleset): Chain[] {
  const saved = ruleset.saved.flatMap((each) => parseSaved(each));
  const legacy = saved.filter(({ tool }) => tool === 'iptables-legacy');
  const chains = parseListing(ruleset.nft).map((chain) => {
    const same = saved.find((each) => each.tool === 'iptables' && samePlace(each, chain));
    if (same?.rules.length !== chain.rules.length) return chain;
    const rules = same.rules.map(({ text }, index) => {
      const { handle = null, text: listed = '' } = chain.rules[index] ?? {};
      return { handle, text: saysLess(text, listed) ? listed : text };
    });
    return { ...chain, tool: same.tool, rules };
  });
  return [...chains, ...legacy];
}

/** iptables-save leaves out what it cannot say of a rule that nft made: a set of ports, and with it the whole match. */
export function saysLess(saved: string, listed: string): boolean {
  return /\b[sd]port\b/.test(listed) && !unreadable(listed) && !/--(dport|sport|ports)/.test(saved);
}

/** The tables of a listing that iptables made, by the signs that it leaves. */
export function tablesOfIptables(listing: string): { family: 'ip' | 'ip6'; table: string }[] {
  const found: { family: 'ip' | 'ip6'; table: string }[] = [];
  for (const block of listing.split(/^(?=table )/m)) {
    const [, family, table = ''] = /^table (ip6?) (\S+) \{/.exec(block) ?? [];
    if ((family !== 'ip' && family !== 'ip6') || !IPTABLES_TABLES.includes(table)) continue;
    const chains = parseListing(block);
    const bases = chains.filter(({ base }) => base !== null);
    const rules = chains.flatMap((chain) => chain.rules);
    const counted = rules.length === 0 || rules.some(({ text }) => /\bcounter\b/.test(text));
    const builtIn = bases.every(({ chain }) => BUILT_IN.includes(chain));
    if (rules.some(({ text }) => unreadable(text)) || (builtIn && counted)) found.push({ family, table });
  }
  return found;
}

/** What of a text in the form of iptables-save is about some tables. */
export function withTables(saved: SavedTables, isWanted: (table: string) => boolean): SavedTables {
  const parts = saved.text.split(/^(?=\*)/m).filter((part) => isWanted(/^\*(\S+)/.exec(part)?.[1] ?? ''));
  return { ...saved, text: parts.join('') };
}

/** The tables that a text in the form of iptables-save holds. */
export function tablesIn({ family, text }: SavedTables): { family: string; table: string }[] {
  return [...text.matchAll(/^\*(\S+)/gm)].map(([, table = '']) => ({ family, table }));
}

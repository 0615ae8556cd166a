import { targetOf, wordsOf } from './iptables/words.ts';
import { isBan, isOfOverlay } from './overlays.ts';
import type { Chain } from './ruleset.ts';

/** What a rule may do to a packet: stop it, or send it to other chains. `always`: whatever the packet is. */
interface Way {
  readonly stops: boolean;
  readonly chains: readonly string[];
  readonly always: boolean;
}

/** Whether packets that come in to this server pass this chain. */
export function isIncoming({ base }: Chain): boolean {
  return base !== null && /\bhook (?:input|prerouting|ingress)\b/.test(base);
}

/**
 * Whether any packet can be stopped in this chain or in one that it leads to: a chain that accepts by policy and has no
 * such rule is no firewall. Rules of programs that only ban or forward do not count. What a named map holds is not known
 * here, so a rule that asks one counts.
 */
export function canStop(chains: readonly Chain[], base: Chain): boolean {
  return dropsByPolicy(base) || leadsTo(chains, base, ({ stops }) => stops, new Set());
}

/** Whether it stops what no rule lets in before: by its policy, or by a rule without a condition. */
export function isClosed(chains: readonly Chain[], base: Chain): boolean {
  return dropsByPolicy(base) || leadsTo(chains, base, ({ stops, always }) => stops && always, new Set());
}

function dropsByPolicy({ base }: Chain): boolean {
  return base !== null && /\bpolicy drop\b/.test(base);
}

function leadsTo(
  chains: readonly Chain[],
  chain: Chain,
  counts: (way: Way) => boolean,
  seen: Set<Chain>,
): boolean {
  if (seen.has(chain) || isOfOverlay(chain)) return false;
  seen.add(chain);
  return chain.rules.some(({ text }) => {
    if (isBan(text, chain)) return false;
    const way = isOfIptables(text) ? iptablesWay(text) : nftWay(text);
    if (counts(way)) return true;
    if (!counts({ ...way, stops: true })) return false;
    const next = chains.filter((each) => way.chains.includes(each.chain) && sameTable(each, chain));
    return next.some((each) => leadsTo(chains, each, counts, seen));
  });
}

/** The older iptables has tables of the same names, which nft does not see. */
function sameTable(a: Chain, b: Chain): boolean {
  const legacy = (a.tool === 'iptables-legacy') === (b.tool === 'iptables-legacy');
  return legacy && a.family === b.family && a.table === b.table;
}

/** In a table that iptables keeps, rules that it cannot say stand in nft's words. */
function isOfIptables(text: string): boolean {
  return /^(?:! )?-/.test(text);
}

function iptablesWay(text: string): Way {
  const target = targetOf(text);
  const words = wordsOf(text).map(({ value }) => value);
  const silent = words.filter((word, at) => !isSilent(word) && !isSilent(words[at - 1] ?? ''));
  return {
    stops: target !== null && /^(?:DROP|REJECT|TARPIT)$/.test(target),
    chains: target === null ? [] : [target],
    always: silent.length === 0,
  };
}

/** Options that are no condition, each with a word behind it; `-m comment` alone names no condition either. */
function isSilent(word: string): boolean {
  return /^(?:-[jg]|--reject-with|--comment)$/.test(word) || word === '-m';
}

function nftWay(text: string): Way {
  const plain = text.replace(/"(?:[^"\\]|\\.)*"/g, '""');
  const words = plain.match(/[^\s{},;:]+/g) ?? [];
  const jumps = words.flatMap((word, at) => (/^(?:jump|goto)$/.test(word) ? [words[at + 1] ?? ''] : []));
  const verdict = words.some((word, at) => {
    return /^(?:drop|reject)$/.test(word) && !/^(?:jump|goto)$/.test(words[at - 1] ?? '');
  });
  const opaque = /\bxt target "?(?:DROP|REJECT|TARPIT)\b/.test(text);
  return {
    stops: verdict || opaque || /\bvmap @/.test(plain),
    chains: jumps,
    always: /^(?:counter(?: packets \d+ bytes \d+)? )?(?:drop|reject|jump|goto)\b/.test(plain),
  };
}

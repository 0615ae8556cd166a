import { targetOf, wordsOf } from './iptables/words.ts';
import { isBan, isOfOverlay } from './overlays.ts';
import type { Chain } from './ruleset.ts';

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
  return dropsByPolicy(base) || leadsTo(chains, base, () => true, new Set());
}

/** Whether it stops what no rule lets in before: by its policy, or by a rule without a condition. */
export function isClosed(chains: readonly Chain[], base: Chain): boolean {
  return dropsByPolicy(base) || leadsTo(chains, base, isForAll, new Set());
}

function dropsByPolicy({ base }: Chain): boolean {
  return base !== null && /\bpolicy drop\b/.test(base);
}

/** @param counts whether a rule counts at all */
function leadsTo(
  chains: readonly Chain[],
  chain: Chain,
  counts: (rule: string) => boolean,
  seen: Set<Chain>,
): boolean {
  if (seen.has(chain) || isOfOverlay(chain)) return false;
  seen.add(chain);
  return chain.rules.some(({ text }) => {
    if (!counts(text) || isBan(text, chain)) return false;
    if (stops(text)) return true;
    const names = targetsOf(text);
    const next = chains.filter((each) => names.includes(each.chain) && sameTable(each, chain));
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

/** Whether a rule is for every packet that comes to it. */
function isForAll(rule: string): boolean {
  if (!isOfIptables(rule))
    return /^(?:counter(?: packets \d+ bytes \d+)? )?(?:drop|reject|jump|goto)\b/.test(rule);
  if (!BEGINS_SILENT.test(rule)) return false;
  const words = wordsOf(rule).map(({ value }) => value);
  return words.every((word, at) => isSilent(word) || isSilent(words[at - 1] ?? ''));
}

/** Rules with a condition first, as most are, need not be read word by word. */
const BEGINS_SILENT = /^(?:-[jgm]|--reject-with|--comment|[^\s]*")/;

/** Options that are no condition, each with a word behind it; `-m comment` alone names no condition either. */
function isSilent(word: string): boolean {
  return /^(?:-[jg]|--reject-with|--comment)$/.test(word) || word === '-m';
}

/** Whether a rule stops a packet that it is for. */
function stops(rule: string): boolean {
  if (isOfIptables(rule)) return /^(?:DROP|REJECT|TARPIT)$/.test(targetOf(rule) ?? '');
  const verdict = wordsOfNft(rule).some((word, at, words) => {
    return /^(?:drop|reject)$/.test(word) && !/^(?:jump|goto)$/.test(words[at - 1] ?? '');
  });
  const opaque = /\bxt target "?(?:DROP|REJECT|TARPIT)\b/.test(rule);
  return verdict || opaque || /\bvmap @/.test(unquoted(rule));
}

/** The chains that a rule sends packets to; a target of iptables may be another thing. */
function targetsOf(rule: string): string[] {
  if (isOfIptables(rule)) return [targetOf(rule)].filter((target) => target !== null);
  return wordsOfNft(rule).flatMap((word, at, words) =>
    /^(?:jump|goto)$/.test(word) ? [words[at + 1] ?? ''] : [],
  );
}

function wordsOfNft(rule: string): string[] {
  return unquoted(rule).match(/[^\s{},;:]+/g) ?? [];
}

function unquoted(rule: string): string {
  return rule.replace(/"(?:[^"\\]|\\.)*"/g, '""');
}

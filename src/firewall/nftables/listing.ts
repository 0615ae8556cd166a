import type { Chain, ChainRule } from '../ruleset.ts';

interface OpenChain extends Chain {
  base: string | null;
  readonly rules: ChainRule[];
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
      current = { tool: 'nft', family, table, chain: opensChain[1] ?? '', base: null, rules: [] };
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

const QUOTED = /"[^"\n]*"/g;
/** nft's own remarks: the number of a rule or a chain, whose a table is, and (from 1.1.2) how much a set holds. */
const REMARK = /# (?:handle \d+$|Warning: .*$|count \d+$)/gm;

/**
 * Whether there is a rule that nft prints but cannot read back, since iptables made it. Before 1.0.3 nft told such parts
 * as a remark (`# xt_multiport`, or in the words of iptables), and reads the rest back as a rule that asks for less
 * (its source, src/xt.c).
 */
export function unreadable(text: string): boolean {
  const bare = text.replace(QUOTED, '').replace(REMARK, '');
  return /\bxt (?:match|target|watcher)\b|#/.test(bare);
}

/** The script or listing without these tables, for what is loaded by another tool. */
export function withoutTables(text: string, tables: readonly { family: string; table: string }[]): string {
  return tables.reduce(
    (left, { family, table }) =>
      left.replace(
        new RegExp(`^table ${family} ${table} \\{[^\\n]*\\n(?:[^}\\n][^\\n]*\\n|\\n)*\\}\\n?`, 'gm'),
        '',
      ),
    text,
  );
}

/** Rule texts are compared without regard to blanks: a saved file may be indented by hand. */
export function sameText(a: string, b: string): boolean {
  const plain = (text: string): string => text.trim().replace(/\s+/g, ' ');
  return plain(a) === plain(b);
}

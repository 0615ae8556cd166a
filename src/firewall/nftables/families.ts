/** nft 1.0.6 does not list `meta nfproto` before such an end, and a rule for one family reads like one for both. */
const MAY_LACK = /^\t\t.*\breject with tcp reset\b.* # handle \d+$/m;
/** What names a family, once names in quotes and `meta protocol` are away, which is none of them. */
const SAYS = /\b(?:ip6?|icmp|icmpv6) [a-z]|\bnfproto ipv[46]\b/;
const SAYS_NOT = /"[^"]*"|\bmeta protocol (?:\{[^}]*\}|\S+)/g;
const RULE = /^(\t\t)(.*\breject with tcp reset\b.* # handle (\d+))$/;
/** The kernel's numbers (AF_INET, AF_INET6), as nft prints a comparison with them. */
const FAMILY = /\[ meta load nfproto => reg (\d+) \]\n +\[ cmp eq reg \1 (0x00000002|0x0000000a) \]/;

/** Whether rules of a listing may lack the family that they are for. */
export function mayLackFamilies(listing: string): boolean {
  return listing
    .split(/^(?=table )/m)
    .some((table) => table.startsWith('table inet ') && MAY_LACK.test(table));
}

/**
 * A listing in which every rule says which family it is for.
 * @param compiled what `nft --debug=netlink list ruleset` prints: each rule as the kernel has it, below its place
 */
export function withFamilies(listing: string, compiled: string): string {
  const kernel = new Map<string, string>();
  for (const block of compiled.split(/^(?=\w+ \S+ \S+ \d+(?: \d+)?$)/m)) {
    const [, place = '', handle = ''] = /^(\w+ \S+ \S+) (\d+)/.exec(block) ?? [];
    kernel.set(`${place} ${handle}`, FAMILY.exec(block)?.[2] ?? '');
  }
  let table = '';
  let chain = '';
  return listing
    .split('\n')
    .map((line) => {
      table = /^table (\S+ \S+) \{/.exec(line)?.[1] ?? table;
      chain = /^\tchain (\S+) \{/.exec(line)?.[1] ?? chain;
      const [, indent = '', rule = '', handle = ''] = RULE.exec(line) ?? [];
      if (rule === '' || SAYS.test(rule.replaceAll(SAYS_NOT, ''))) return line;
      const family = kernel.get(`${table} ${chain} ${handle}`) ?? '';
      if (family === '') return line;
      return `${indent}meta nfproto ${family.endsWith('2') ? 'ipv4' : 'ipv6'} ${rule}`;
    })
    .join('\n');
}

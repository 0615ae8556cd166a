/** The chains that tables of iptables have by themselves, in the words that nft uses for the same hooks. */
const BUILT_IN: ReadonlyMap<string, string> = new Map([
  ['filter INPUT', 'type filter hook input priority filter'],
  ['filter FORWARD', 'type filter hook forward priority filter'],
  ['filter OUTPUT', 'type filter hook output priority filter'],
  ['nat PREROUTING', 'type nat hook prerouting priority dstnat'],
  ['nat INPUT', 'type nat hook input priority 100'],
  ['nat OUTPUT', 'type nat hook output priority -100'],
  ['nat POSTROUTING', 'type nat hook postrouting priority srcnat'],
  ['mangle PREROUTING', 'type filter hook prerouting priority mangle'],
  ['mangle INPUT', 'type filter hook input priority mangle'],
  ['mangle FORWARD', 'type filter hook forward priority mangle'],
  ['mangle OUTPUT', 'type route hook output priority mangle'],
  ['mangle POSTROUTING', 'type filter hook postrouting priority mangle'],
  ['raw PREROUTING', 'type filter hook prerouting priority raw'],
  ['raw OUTPUT', 'type filter hook output priority raw'],
  ['security INPUT', 'type filter hook input priority security'],
  ['security FORWARD', 'type filter hook forward priority security'],
  ['security OUTPUT', 'type filter hook output priority security'],
]);

export function isBuiltIn(table: string, chain: string): boolean {
  return BUILT_IN.has(`${table} ${chain}`);
}

/** The words that hook a chain with this policy (`ACCEPT`, `DROP`; null: not told); null for a chain that only others jump to. */
export function baseOf(table: string, chain: string, policy: string | null): string | null {
  const hook = BUILT_IN.get(`${table} ${chain}`);
  const word = (policy ?? 'ACCEPT').toLowerCase();
  return hook === undefined || !/^(?:accept|drop)$/.test(word) ? null : `${hook}; policy ${word};`;
}

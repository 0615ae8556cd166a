import type { Files } from '../../sandbox/files.ts';
import { nftablesFiles } from '../../sandbox/firewalls/nftables.ts';
import type { Entry } from '../entry.ts';

/** What no server can do without, as nft writes it: its own connections, answers, and finding its neighbours. */
export const USUAL = [
  'iif "lo" accept',
  'ct state established,related accept',
  'meta l4proto { icmp, ipv6-icmp } accept',
];
export const WHM_PORTS =
  '20, 21, 22, 25, 53, 80, 110, 143, 443, 465, 587, 993, 995, 2077-2080, 2082, 2083, 2086, 2087, 2095, 2096';

export const table = (name: string, ...parts: readonly string[]): string =>
  `table ${name} {\n${parts.join('\n')}\n}\n`;
export const chain = (name: string, ...rules: readonly string[]): string =>
  `\tchain ${name} {\n${rules.map((rule) => `\t\t${rule}\n`).join('')}\t}`;
export const base = (hook: string, priority: string, policy: string): string =>
  `type filter hook ${hook} priority ${priority}; policy ${policy};`;
export const DROP = base('input', 'filter', 'drop');
export const ACCEPT = base('input', 'filter', 'accept');

/** What an entry says of its disk. */
export type Saved = Pick<Entry, 'firewall' | 'files' | 'units'>;

/** Rules of nftables, kept as Red Hat's unit keeps them. */
export function redhat(...tables: readonly string[]): Saved {
  const files = { ...nftablesFiles('inet-INPUT', 'redhat') };
  const text = tables.join('');
  return {
    firewall: 'nftables',
    files: { ...files, '/etc/sysconfig/nftables.conf': { text, mode: 0o600 } },
    units: ['nftables'],
  };
}

/** Rules of nftables, kept as Debian's unit keeps them. */
export function debian(...tables: readonly string[]): Saved {
  const files = { ...nftablesFiles('inet-INPUT', 'debian') };
  const text = `#!/usr/sbin/nft -f\n\nflush ruleset\n\n${tables.join('')}`;
  return {
    firewall: 'nftables',
    files: { ...files, '/etc/nftables.conf': { text, mode: 0o755 } },
    units: ['nftables'],
  };
}

/** The disks of several firewalls in one; the first is in charge. */
export function together(first: Saved, ...others: readonly Saved[]): Saved {
  const all = [first, ...others];
  return {
    firewall: first.firewall,
    files: Object.assign({}, ...all.map(({ files }) => files)) as Files,
    units: all.flatMap(({ units }) => units),
  };
}

/** More files beside those of a saved firewall. */
export function beside(saved: Saved, files: Files): Saved {
  return { ...saved, files: { ...saved.files, ...files } };
}

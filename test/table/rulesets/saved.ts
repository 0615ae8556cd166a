import type { Files } from '../../sandbox/files.ts';
import type { Persist } from '../../sandbox/firewall.ts';
import { IPTABLES_UNITS, iptablesFiles } from '../../sandbox/firewalls/iptables.ts';
import type { Saved } from './parts.ts';

/** A saved text for each of iptables and ip6tables; null: nothing is kept for it. */
export type Texts = readonly [ipv4: string, ipv6: string | null];

const PATHS: Record<Persist, readonly [string, string]> = {
  redhat: ['/etc/sysconfig/iptables', '/etc/sysconfig/ip6tables'],
  debian: ['/etc/iptables/rules.v4', '/etc/iptables/rules.v6'],
};

/** Rules of iptables, kept in the way of the distribution. */
export function iptables(persist: Persist, [ipv4, ipv6]: Texts): Saved {
  const [path, path6] = PATHS[persist];
  const files: Record<string, Files[string]> = {
    ...iptablesFiles(persist),
    [path]: { text: ipv4, mode: 0o600 },
  };
  files[path6] = { text: ipv6 ?? NOTHING, mode: 0o600 };
  const units = IPTABLES_UNITS[persist].filter((unit) => ipv6 !== null || unit !== 'ip6tables.service');
  if (ipv6 === null && persist === 'redhat') Reflect.deleteProperty(files, path6);
  return { firewall: 'iptables', files, units };
}

/** Rules for both families, of which each says the same in its own words. */
export function each(text: (words: Words) => string): Texts {
  return [text(IPV4), text(IPV6)];
}

/** What the two tools call differently. */
export interface Words {
  readonly icmp: string;
  readonly prohibited: string;
  readonly banned: string;
  readonly office: string;
}
const IPV4: Words = {
  icmp: 'icmp',
  prohibited: 'icmp-host-prohibited',
  banned: '198.51.100.66/32',
  office: '198.51.100.30/32',
};
const IPV6: Words = {
  icmp: 'ipv6-icmp',
  prohibited: 'icmp6-adm-prohibited',
  banned: '2001:db8:2::66/128',
  office: '2001:db8:2::30/128',
};

/** The filter table. `chains`: further ones. `rules`: what stands behind `-A `. */
export function filter(policy: string, rules: readonly string[], chains: readonly string[] = []): string {
  return saved(
    'filter',
    [`INPUT ${policy}`, 'FORWARD ACCEPT', 'OUTPUT ACCEPT', ...chains.map((name) => `${name} -`)],
    rules,
  );
}

export function saved(table: string, chains: readonly string[], rules: readonly string[]): string {
  const heads = chains.map((chain) => `:${chain} [0:0]\n`).join('');
  return `*${table}\n${heads}${rules.map((rule) => `-A ${rule}\n`).join('')}COMMIT\n`;
}

const NOTHING = filter('ACCEPT', []);

/** What no server can do without. */
export function usual({ icmp }: Words): string[] {
  return [
    'INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    `INPUT -p ${icmp} -j ACCEPT`,
    'INPUT -i lo -j ACCEPT',
  ];
}

/** A rule a port, as most servers have it. */
export function ports(chain = 'INPUT', match = '-p tcp -m tcp --dport'): string[] {
  return [20, 21, 22, 80, 443, 2083, 2087].map((port) => `${chain} ${match} ${port} -j ACCEPT`);
}

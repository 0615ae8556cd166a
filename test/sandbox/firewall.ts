import type { Files } from './files.ts';
import { type Backend, FIREWALLD_UNITS, firewalldFiles } from './firewalls/firewalld.ts';
import { type Flavour, IPTABLES_UNITS, iptablesFiles } from './firewalls/iptables.ts';
import { type Layout, nftablesFiles } from './firewalls/nftables.ts';

export { BANNED, BANNED_IPV6 } from './firewalls/ports.ts';
export type { Backend, Flavour, Layout };

/** Where plain rules are kept for the next boot. */
export type Persist = 'redhat' | 'debian';

export interface FirewallOptions {
  /** `none`: the server has no rules at all. */
  readonly firewall?: 'nftables' | 'iptables' | 'firewalld' | 'none';
  /** Of nftables. Default: as cPanel builds it. */
  readonly layout?: Layout;
  /** Of nftables and iptables. */
  readonly persist?: Persist;
  /** Of iptables. */
  readonly flavour?: Flavour;
  /** Of firewalld. */
  readonly backend?: Backend;
}

/** What makes a server have this firewall: its files, and the units that load it at boot. */
export function firewallOf(options: FirewallOptions): {
  readonly files: Files;
  readonly units: readonly string[];
} {
  const persist = options.persist ?? 'redhat';
  switch (options.firewall ?? 'nftables') {
    case 'nftables':
      return { files: nftablesFiles(options.layout ?? 'inet-INPUT', persist), units: ['nftables.service'] };
    case 'iptables':
      return { files: iptablesFiles(persist), units: IPTABLES_UNITS[persist] };
    case 'firewalld':
      return { files: firewalldFiles(options.backend ?? 'nftables'), units: FIREWALLD_UNITS };
    case 'none':
      return { files: {}, units: [] };
  }
}

/**
 * Run on the server before its own firewall is set up: what this host's administrator told the host's firewalls is not
 * the server's. $1: the flavour that `iptables` is to have.
 */
export const FORGET = `
rm -rf /etc/nftables.conf /etc/iptables /etc/sysconfig/iptables /etc/sysconfig/ip6tables /etc/sysconfig/nftables.conf
rm -rf /etc/firewalld/zones/* /etc/firewalld/services/* /etc/firewalld/policies/* /etc/firewalld/ipsets/* /etc/firewalld/direct.xml
if [ -e /etc/ufw/ufw.conf ]; then sed -i s/^ENABLED=.*/ENABLED=no/ /etc/ufw/ufw.conf; fi
for tool in iptables ip6tables; do update-alternatives --quiet --set $tool /usr/sbin/$tool-$1; done
`;

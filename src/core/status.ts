import type { NatPair } from './address.ts';
import type { Finding } from './finding.ts';
import type { PortRange } from './range.ts';
import type { Reach } from './reach.ts';

/** One setting in its three truths: what cPanel's stores say, what the daemon's file says, what the daemon runs with. */
export interface Truths<T> {
  readonly configured: T | null;
  readonly rendered: T | null;
  readonly live: T | null;
}

export type FirewallName = 'csf' | 'firewalld' | 'nftables' | 'iptables' | 'ufw';

/** What a server is found to be, in the form that `status --json` prints. */
export interface Status {
  readonly ok: boolean | null;
  readonly ftp: {
    readonly server: 'pure-ftpd' | 'proftpd' | 'disabled';
    readonly running: boolean;
    readonly range: Truths<PortRange>;
    readonly passiveAddress: Truths<string>;
  };
  readonly nat: { readonly behind: boolean; readonly addresses: readonly NatPair[] };
  readonly firewall: {
    readonly active: FirewallName | 'none';
    readonly others: readonly string[];
    readonly reach: { readonly ipv4?: Reach; readonly ipv6?: Reach };
  };
  readonly findings: readonly Finding[];
}

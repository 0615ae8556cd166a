import type { Family } from '../../src/core/reach.ts';
import type { FirewallName } from '../../src/core/status.ts';
import type { Files } from '../sandbox/files.ts';

/** A server's firewall as its disk brings it about, and what is right to do about the default range there. */
export interface Entry {
  /** A sentence. */
  readonly name: string;
  readonly firewall: FirewallName | 'none';
  /** What lies on the disk before the first boot. */
  readonly files: Files;
  /** A shell script that changes the disk after that: links, and files that are edited in their places. */
  readonly prepare?: string;
  /** Whether `iptables` is the older one. */
  readonly legacy?: boolean;
  /** Units that are started at every boot. */
  readonly units: readonly string[];
  /** A shell script that is run after the first boot only: what was never saved. */
  readonly once?: string;
  readonly expected: Expected;
  /** Its firewall cannot be started from what is on the disk. */
  readonly failsToStart?: boolean;
  /** Families in which the server has an address. Both when not said. */
  readonly families?: readonly Family[];
  /** Further clients that a rule knows; what they meet outside the range, and the banned ones anywhere, stays so. */
  readonly known?: readonly Client[];
  /** A client that connects faster than this is stopped by the rules themselves. */
  readonly paceMs?: number;
  /** The range is open as it is, and yet there is something to be done or said. */
  readonly openNow?: boolean;
}

/**
 * `nothing`: it is open. `opens`: apply opens it. `refuses`: apply must not act, and the sentence that it says matches.
 */
export type Expected = 'nothing' | 'opens' | { readonly refuses: RegExp };

/** `banned`: nothing of the range may be opened for it. */
export interface Client {
  readonly address: string;
  readonly banned: boolean;
}

/** Clients that rulesets speak of. */
export const BANNED: readonly Client[] = [
  { address: '198.51.100.66', banned: true },
  { address: '2001:db8:2::66', banned: true },
];
export const OFFICE: readonly Client[] = [
  { address: '198.51.100.30', banned: false },
  { address: '2001:db8:2::30', banned: false },
];

/** What no ruleset knows. */
export const STRANGER: Readonly<Record<Family, string>> = {
  ipv4: '198.51.100.20',
  ipv6: '2001:db8:2::20',
};
export const SERVER: Readonly<Record<Family, string>> = { ipv4: '203.0.113.10', ipv6: '2001:db8:1::10' };

export function familyOf(address: string): Family {
  return address.includes(':') ? 'ipv6' : 'ipv4';
}

import { addressKind, isIpv4, type NatPair } from '../core/address.ts';
import { phrase } from '../core/phrase.ts';
import { dedicatedAddresses } from './situation.ts';
import type { Sight } from './survey.ts';

/** An IPv4 address at which websites and FTP are served. `public`: where the internet finds it; null when it does not. */
export interface Served {
  readonly local: string;
  readonly public: string | null;
  readonly main: boolean;
}

/** The main address first, then those held here that the NAT map or cPanel's list of dedicated addresses names. */
export function servedAddresses({
  localAddress,
  held,
  nat,
  files,
}: Pick<Sight, 'localAddress' | 'held' | 'nat' | 'files'>): Served[] {
  const named = new Set([...nat.map(({ local }) => local), ...dedicatedAddresses(files)]);
  const further = [...new Set(held)].filter(
    (address) => isIpv4(address) && address !== localAddress && named.has(address),
  );
  return [...(localAddress === null ? [] : [localAddress]), ...further].map((local) => ({
    local,
    public: publicOf(local, nat),
    main: local === localAddress,
  }));
}

/** For people: `PUBLIC`, and behind NAT `PUBLIC (LOCAL here)`. */
export function servedName({ local, public: outside }: Served): string {
  return outside === null || outside === local ? local : phrase`${outside} (${local} here)`;
}

function publicOf(local: string, nat: readonly NatPair[]): string | null {
  const mapped = nat.find((pair) => pair.local === local)?.public;
  return mapped ?? (addressKind(local) === 'public' ? local : null);
}

import { addressKind, isIpv6 } from '../core/address.ts';
import type { Settings } from '../core/settings.ts';
import { servedAddresses } from './served.ts';
import type { Sight } from './survey.ts';
import { wishOf } from './wish.ts';

/** An address of this server to talk to, and what PASV is to tell clients there. */
export interface Partner {
  readonly host: string;
  /** Null: the address itself. */
  readonly told: string | null;
}

/** The main address, null when there is none. */
export function mainPartner(found: Sight, settings: Settings): Partner | null {
  if (found.localAddress === null) return null;
  return { host: found.localAddress, told: wishOf(found, settings).address };
}

/** The other addresses of which PASV should tell the truth: each its own public one. */
export function furtherPartners(found: Sight, { passiveAddress }: Settings): Partner[] {
  return servedAddresses(found)
    .filter((each) => !each.main && (each.public !== null || found.nat.length === 0))
    .map(({ local, public: outside }) => {
      return { host: local, told: passiveAddress === 'none' || outside === local ? null : outside };
    });
}

/** An IPv6 address that the internet reaches; null when there is none. */
export function ipv6Partner({ held }: Sight): Partner | null {
  const host = held.find((address) => isIpv6(address) && addressKind(address) === 'public');
  return host === undefined ? null : { host, told: null };
}

import { addressKind, type NatPair } from '../core/address.ts';
import type { Settings } from '../core/settings.ts';
import type { PassiveWish } from '../ftp/server.ts';
import { isAdvertisable } from '../ftp/store-findings.ts';
import { servedAddresses } from './served.ts';
import type { Sight } from './survey.ts';

/** The NAT in front of the server's main address. `unknown`: its address is private and no map tells the public one. */
export function natOf(found: Pick<Sight, 'nat' | 'localAddress'>): {
  behind: boolean;
  pair: NatPair | null;
  unknown: boolean;
} {
  const pair =
    found.nat.find((each) => each.local === found.localAddress && each.public !== each.local) ?? null;
  const kind = found.localAddress === null ? 'public' : addressKind(found.localAddress);
  const inside = kind === 'private' || kind === 'cgnat';
  return { behind: pair !== null || inside, pair, unknown: pair === null && inside };
}

/**
 * What passive FTP should be here, from the settings and the NAT map. Where NAT is certain but its public address is
 * not, `auto` leaves the configured address as it is.
 */
export function wishOf(found: Sight, settings: Settings): PassiveWish {
  const { range, passiveAddress } = settings;
  if (passiveAddress === 'none') return { range, address: null };
  if (passiveAddress !== 'auto') return { range, address: passiveAddress };
  const nat = natOf(found);
  if (nat.unknown) {
    const { configured = null, rendered = null } = found.reading?.passiveAddress ?? {};
    const told = [configured, rendered].find((each) => each !== null && isAdvertisable(each)) ?? null;
    return { range, address: told };
  }
  // Naming one's own address says the same as naming none, where it is the only one.
  const rendered = found.reading?.passiveAddress.rendered ?? null;
  const only = found.server?.tellsEach === true || servedAddresses(found).length < 2;
  const own = only && rendered !== null && rendered === found.localAddress ? rendered : null;
  return { range, address: nat.pair?.public ?? own };
}

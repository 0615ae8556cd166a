import type { Family } from '../core/reach.ts';
import type { Link } from './ports.ts';

const STAND_IN: Readonly<Record<Family, string>> = { ipv4: '192.0.2.2', ipv6: '2001:db8::2' };

/** The interface by which clients come, with addresses of both families. */
export function mainOf([first]: readonly Link[]): Link {
  return withBothFamilies(first ?? { name: 'eth0', addresses: [] });
}

/** nft can name an interface only where it is; one that its rules do not name does no harm. */
export function stubsOf([, ...others]: readonly Link[], nft: string): string[] {
  return others.map(({ name }) => name).filter((name) => nft.includes(name));
}

/** A ruleset answers for both families even where the server has an address in one only. */
function withBothFamilies(link: Link): Link {
  const missing = (['ipv4', 'ipv6'] as const).filter(
    (family) => !link.addresses.some((each) => familyOf(each) === family),
  );
  return { ...link, addresses: [...link.addresses, ...missing.map((family) => STAND_IN[family])] };
}

/** Where clients of a family connect to. */
export function addressOf(link: Link, family: Family): string {
  return (link.addresses.find((each) => familyOf(each) === family) ?? STAND_IN[family]).replace(/\/.*/, '');
}

export function familyOf(address: string): Family {
  return address.includes(':') ? 'ipv6' : 'ipv4';
}

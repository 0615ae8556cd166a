import { addressKind } from '../core/address.ts';
import type { Family } from '../core/reach.ts';
import { allOpen } from '../core/reach.ts';
import { askTwin } from './asked.ts';
import type { EnginePorts } from './survey.ts';

/** Somebody who is logged in over the network: where they come from, and the port of this server that they use. */
export interface Visitor {
  readonly address: string;
  readonly port: number;
}

/**
 * Whether a new connection of the visitor would get in by the rules now in force. A connection that is open already
 * proves nothing: firewalls leave those alone.
 * @returns null when it could not be told
 */
export async function letsIn(ports: EnginePorts, { address, port }: Visitor): Promise<boolean | null> {
  const from = plainAddress(address);
  const own = (await ports.host.links()).flatMap((link) => link.addresses.map(plainAddress));
  if (addressKind(from) === 'loopback' || own.includes(from)) return true;
  const family: Family = from.includes(':') ? 'ipv6' : 'ipv4';
  const reaches = await askTwin(ports, from, (twin) => twin.ask([port, port], [family], from));
  const reach = reaches[family];
  return reach === undefined ? null : allOpen(reach);
}

/** Without the length, the interface, and the IPv6 form of an IPv4 address. */
function plainAddress(address: string): string {
  return address.replace(/[%/].*$/, '').replace(/^::ffff:(?=\d+\.)/i, '');
}

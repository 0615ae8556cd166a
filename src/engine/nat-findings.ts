import { addressKind } from '../core/address.ts';
import type { Finding } from '../core/finding.ts';
import { phrase } from '../core/phrase.ts';
import { formatRange } from '../core/range.ts';
import type { Settings } from '../core/settings.ts';
import { CPNAT } from '../ftp/nat.ts';
import type { PassiveWish } from '../ftp/server.ts';
import { heldFindings, mapFindings, mapLines, REBUILD } from './map-findings.ts';
import { containerSign } from './situation.ts';
import type { Sight } from './survey.ts';
import { natOf } from './wish.ts';

/** What lies between this server and its clients, and whether cPanel's own files agree about it. */
export function natFindings(found: Sight, wish: PassiveWish, settings: Settings): Finding[] {
  return [
    ...unknownPublic(found, settings),
    ...carrier(found),
    ...container(found, settings),
    ...mapFindings(found, wish),
    ...heldFindings(found),
    ...onlyIpv6(found),
  ];
}

function unknownPublic(found: Sight, settings: Settings): Finding[] {
  if (!natOf(found).unknown || settings.passiveAddress !== 'auto') return [];
  const own = found.localAddress ?? '';
  return [
    {
      id: 'nat-unknown',
      level: 'warn',
      title: phrase`The public address is not known`,
      fact: phrase`This server's address ${own} is private, and ${whyUnknown(found, own)}.`,
      fix: phrase`Name the public address that clients use (in the form, or --public-address), or none when all clients are inside; or ${REBUILD}, which asks for it.`,
    },
  ];
}

function whyUnknown(found: Sight, own: string): string {
  const lines = mapLines(found);
  const entry = lines.find(({ words }) => words[0] === own);
  if (entry === undefined) return phrase`${CPNAT} maps it to no public one`;
  if (entry.words.length === 1)
    return phrase`line ${entry.line} of ${CPNAT} has no public one for it: cPanel could not reach it from outside`;
  return phrase`${CPNAT} maps it to ${entry.words[1] ?? ''}, which a line above it has already`;
}

function carrier({ localAddress }: Sight): Finding[] {
  if (localAddress === null || addressKind(localAddress) !== 'cgnat') return [];
  return [
    {
      id: 'nat-carrier',
      level: 'info',
      title: phrase`This server is behind a NAT of its provider`,
      fact: phrase`Its address ${localAddress} is of 100.64.0.0/10, which providers share among customers.`,
      fix: phrase`Clients reach it only when the provider maps a public address to it one to one, with the control port and all passive ports; then name that address (--public-address).`,
    },
  ];
}

function container({ files, localAddress }: Sight, { range }: Settings): Finding[] {
  const sign = containerSign(files, localAddress);
  if (sign === null) return [];
  return [
    {
      id: 'container',
      level: 'info',
      title: phrase`This server runs in a container`,
      fact: phrase`${sign} Its host decides which ports lead to it, and that is not seen here.`,
      fix: phrase`Where the container has no address of its own outside, publish the control port and each port of ${formatRange(range)} under the same number (with Docker: -p ${formatRange(range)}:${formatRange(range)}), and name the host's public address (--public-address).`,
    },
  ];
}

function onlyIpv6({ held }: Sight): Finding[] {
  if (held.length === 0 || held.some((each) => !each.includes(':'))) return [];
  return [
    {
      id: 'ipv6-only',
      level: 'info',
      title: phrase`Clients reach this server over IPv6 only`,
      fact: phrase`No interface has an IPv4 address. Over IPv6 there is no PASV, only EPSV, which names no address.`,
      fix: '',
    },
  ];
}

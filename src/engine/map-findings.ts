import { isIpv4 } from '../core/address.ts';
import type { Finding } from '../core/finding.ts';
import { phrase } from '../core/phrase.ts';
import { CPNAT, MAIN_IP } from '../ftp/nat.ts';
import type { PassiveWish } from '../ftp/server.ts';
import { dedicatedAddresses } from './situation.ts';
import type { Sight } from './survey.ts';
import { natOf } from './wish.ts';

export const REBUILD = phrase`run /usr/local/cpanel/scripts/build_cpnat`;

interface MapLine {
  /** Counted from 1. */
  readonly line: number;
  readonly words: readonly string[];
}

/** The lines of cPanel's NAT map as they stand. */
export function mapLines({ files }: Pick<Sight, 'files'>): MapLine[] {
  return (files.get(CPNAT)?.text ?? '')
    .split(/\r?\n/)
    .map((text, index) => ({ line: index + 1, words: text.trim().split(/\s+/) }))
    .filter(({ words }) => words[0] !== '');
}

function warn(id: string, title: string, fact: string, fix: string): Finding[] {
  return [{ id, level: 'warn', title, fact, fix }];
}

/** Whether the NAT map is sound, and speaks of this server. */
export function mapFindings(found: Sight, wish: PassiveWish): Finding[] {
  const lines = mapLines(found);
  const pairs = lines.filter(({ words }) => words.every(isIpv4) && words.length === 2);
  return [
    ...unreadable(lines),
    ...shared(pairs),
    ...stray(found, pairs),
    ...lone(found, lines),
    ...withoutMain(found, lines),
    ...notListed(found, pairs, wish),
  ];
}

function unreadable(lines: readonly MapLine[]): Finding[] {
  const wrong = lines.find(({ words }) => words.length > 2 || !words.every(isIpv4));
  if (wrong === undefined) return [];
  const fact = phrase`Line ${wrong.line} of ${CPNAT} is "${wrong.words.join(' ')}"; right is a local and a public IPv4 address.`;
  return warn(
    'nat-unreadable',
    phrase`The NAT map has a line that cannot be read`,
    fact,
    phrase`Correct it, or ${REBUILD}.`,
  );
}

function shared(pairs: readonly MapLine[]): Finding[] {
  const second = pairs.find(({ words }, at) => pairs.findIndex((each) => each.words[1] === words[1]) < at);
  if (second === undefined) return [];
  const fact = phrase`Line ${second.line} of ${CPNAT} maps ${second.words.join(phrase` to `)}, as a line above it does for another one; cPanel takes the first only.`;
  const fix = phrase`Give each its own public address at the NAT, then ${REBUILD}.`;
  return warn('nat-shared', phrase`Two local addresses have one public address`, fact, fix);
}

function stray({ held }: Sight, pairs: readonly MapLine[]): Finding[] {
  const locals = pairs.map(({ words: [local = ''] }) => local).filter((local) => !held.includes(local));
  if (locals.length === 0) return [];
  const fact = phrase`${CPNAT} maps ${locals.join(', ')}, which no interface has.`;
  const fix = phrase`Add the address to an interface, or take its line out of ${CPNAT}.`;
  return warn('nat-stray', phrase`The NAT map names addresses that this server does not have`, fact, fix);
}

function lone({ localAddress }: Sight, lines: readonly MapLine[]): Finding[] {
  const alone = lines.filter(({ words }) => words.length === 1 && words[0] !== localAddress);
  if (alone.length === 0) return [];
  const fact = phrase`${CPNAT} has no public address for ${alone.map(({ words }) => words[0] ?? '').join(', ')}: clients on the internet do not reach it.`;
  const fix = phrase`Where they should, map it at the NAT, then ${REBUILD}.`;
  return [{ id: 'nat-lone', level: 'info', title: phrase`Some addresses have no public one`, fact, fix }];
}

function withoutMain(found: Sight, lines: readonly MapLine[]): Finding[] {
  const named = lines.some(({ words }) => words[0] === found.localAddress);
  if (lines.length === 0 || named || natOf(found).unknown) return [];
  const fact = phrase`${CPNAT} has lines, and none for ${found.localAddress ?? phrase`the main address`}.`;
  return warn(
    'nat-no-main',
    phrase`The NAT map leaves the main address out`,
    fact,
    phrase`Correct it, or ${REBUILD}.`,
  );
}

function notListed({ server, nat }: Sight, pairs: readonly MapLine[], { address }: PassiveWish): Finding[] {
  if (nat.length === 0 || address === null || server?.name !== 'pure-ftpd') return [];
  if (pairs.some(({ words }) => words[1] === address)) return [];
  const fact = phrase`${address} is to be told, and ${CPNAT} does not have it; cPanel is reported to put the main public address in the place of such a ForcePassiveIP.`;
  const fix = phrase`Map it in ${CPNAT} first, or tell an address that stands there.`;
  return warn('nat-not-listed', phrase`cPanel may not keep this address`, fact, fix);
}

/** What cPanel believes to have, and no interface has. */
export function heldFindings({ files, held, nat }: Sight): Finding[] {
  if (held.length === 0) return [];
  const main = files.get(MAIN_IP)?.text.trim() ?? '';
  const dedicated = dedicatedAddresses(files).filter((each) => !held.includes(each));
  const local = nat.find((pair) => pair.public === main)?.local;
  const rather = local === undefined ? '' : phrase`; it is the public one of ${local}, which belongs there`;
  return [
    ...(main === '' || held.includes(main)
      ? []
      : warn(
          'mainip-not-held',
          phrase`cPanel’s main address is not of this server`,
          phrase`${MAIN_IP} says ${main}, which no interface has${rather}.`,
          phrase`Set the main address right in WHM, Basic WebHost Manager Setup.`,
        )),
    ...(dedicated.length === 0
      ? []
      : warn(
          'dedicated-not-held',
          phrase`Dedicated addresses are missing`,
          phrase`/etc/ips names ${dedicated.join(', ')}, which no interface has.`,
          phrase`Start them (/usr/local/cpanel/scripts/restartsrv_ipaliases), or remove them in WHM, Show or Delete Current IP Addresses.`,
        )),
  ];
}

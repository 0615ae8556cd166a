import type { Finding } from '../core/finding.ts';
import { phrase } from '../core/phrase.ts';
import type { Settings } from '../core/settings.ts';
import type { FtpReading, PassiveWish } from '../ftp/server.ts';
import { servedAddresses, servedName, type Served } from './served.ts';
import type { Sight } from './survey.ts';

const names = (some: readonly Served[]): string => some.map(servedName).join(', ');

/** What clients of each of several addresses are told, where one of them is told what is of no use to it. */
export function dedicatedFindings(
  found: Sight,
  reading: FtpReading,
  wish: PassiveWish,
  settings: Settings,
): Finding[] {
  const reached = servedAddresses(found).filter((each) => each.public !== null);
  const title = found.server?.title ?? '';
  if (wish.address === null) return inside(reached, settings);
  if (found.server?.tellsEach === true) return [...withoutHost(reached, reading), ...each(reached, reading)];
  const address = wish.address;
  const wrong = reached.filter((one) => one.public !== address);
  return wrong.length === 0 ? [] : [oneForAll(title, address, reached, wrong, settings)];
}

/** Nobody is told a public address: what was chosen so, and what it means. */
function inside(reached: readonly Served[], { passiveAddress }: Settings): Finding[] {
  const mapped = reached.filter((one) => one.public !== one.local);
  if (mapped.length === 0 || passiveAddress !== 'none') return [];
  return [
    {
      id: 'pasv-inside',
      level: 'info',
      title: phrase`PASV names addresses that only clients inside can use`,
      fact: phrase`No public address is told, as the settings say: ${mapped.map((one) => phrase`clients of ${one.public ?? ''} are told ${one.local}`).join(', ')}. EPSV works on all of them, and PASV for clients that do not take the address they are told.`,
      fix: '',
    },
  ];
}

/** What somebody has chosen is not wrong, and is still told. */
function oneForAll(
  title: string,
  address: string,
  reached: readonly Served[],
  wrong: readonly Served[],
  { passiveAddress }: Settings,
): Finding {
  const right = reached.filter((one) => one.public === address);
  const works = right.length === 0 ? '' : phrase` On ${names(right)} PASV and EPSV work.`;
  return {
    id: 'dedicated-pasv',
    level: passiveAddress === 'auto' ? 'warn' : 'info',
    title: phrase`PASV can work on one of several addresses only`,
    fact: phrase`${title} tells all clients one address, ${address}.${works} On ${names(wrong)} EPSV works, and PASV does not: nothing listens for it at ${address}.`,
    fix: phrase`Either keep it so (--public-address ${address}) and have clients of the others use EPSV; or tell no public address at all (--public-address none), with which EPSV works everywhere, and PASV for clients that do not take the address they are told; or choose ProFTPD in WHM, FTP Server Selection, which can tell each its own.`,
  };
}

/** Without a section of its own an address is served by the main one's, with the main one's public address. */
function withoutHost(reached: readonly Served[], { hosts }: FtpReading): Finding[] {
  const missing = reached.filter((one) => !one.main && !hosts.some(({ address }) => address === one.local));
  if (missing.length === 0) return [];
  return [
    {
      id: 'dedicated-no-host',
      level: 'warn',
      title: phrase`Some addresses have no section of their own in the FTP server’s file`,
      fact: phrase`/etc/proftpd.conf has no <VirtualHost> for ${names(missing)}, so clients there are told the main public address, or are turned away: PASV fails, EPSV works where the main section answers.`,
      fix: phrase`Where an account has that address and uses FTP, let cPanel write its section (save the account’s address again in WHM, Change Site’s IP Address), then set up passive FTP.`,
    },
  ];
}

function each(reached: readonly Served[], { hosts }: FtpReading): Finding[] {
  const own = reached.filter(
    (one) => !one.main && hosts.some(({ address, told }) => isTold(one, address, told)),
  );
  if (own.length === 0) return [];
  const fact = phrase`${own.map((one) => phrase`clients of ${one.local} are told ${one.public ?? ''}`).join(', ')}; PASV and EPSV work there.`;
  return [
    {
      id: 'dedicated-right',
      level: 'good',
      title: phrase`Clients of other addresses are told theirs`,
      fact: phrase`In their sections ${fact}`,
      fix: '',
    },
  ];
}

function isTold(one: Served, address: string, told: string | null): boolean {
  return address === one.local && (told ?? address) === one.public;
}

import { addressKind, isIpv4, type AddressKind } from '../core/address.ts';
import type { Finding } from '../core/finding.ts';
import { phrase } from '../core/phrase.ts';
import type { FtpReading, PassiveWish } from '../ftp/server.ts';
import type { Survey } from './survey.ts';

const SET_UP = phrase`Set up passive FTP.`;

/** What is said of an address by its kind; nothing of a public one. */
const KIND_WORDS: Readonly<Record<AddressKind, string>> = {
  public: '',
  private: phrase` (private)`,
  cgnat: phrase` (cgnat)`,
  loopback: phrase` (loopback)`,
  'link-local': phrase` (link-local)`,
  reserved: phrase` (reserved)`,
};

/** What clients are told to connect to, and whether it will stay so. */
export function addressFindings(found: Survey, reading: FtpReading, wish: PassiveWish): Finding[] {
  return [...agreement(found, reading, wish), ...former(found, reading, wish)];
}

function agreement({ localAddress }: Survey, reading: FtpReading, wish: PassiveWish): Finding[] {
  const { configured, rendered, live } = reading.passiveAddress;
  const told = live ?? rendered ?? localAddress ?? phrase`its own address`;
  const wanted = wish.address ?? localAddress ?? phrase`its own address`;
  if (rendered !== wish.address) {
    const kind = KIND_WORDS[addressKind(told)];
    return [
      {
        id: 'address-wrong',
        level: 'bad',
        title: phrase`Clients are told an address that they cannot use`,
        fact: phrase`PASV names ${told}${kind}; clients must be told ${wanted}.`,
        fix: SET_UP,
      },
    ];
  }
  if (configured !== wish.address) {
    return [
      {
        id: 'address-not-kept',
        level: 'warn',
        title: phrase`The address will be lost at the next rebuild`,
        fact: phrase`WHM's settings say ${configured ?? phrase`none`}, the FTP server's configuration file says ${rendered ?? phrase`none`}.`,
        fix: SET_UP,
      },
    ];
  }
  const fact = phrase`WHM's settings and the configuration file say ${wanted}${live === wish.address ? phrase`, and the server runs with it` : ''}.`;
  return [
    { id: 'address-right', level: 'good', title: phrase`Clients are told the right address`, fact, fix: '' },
  ];
}

/** cPanel writes an address into its stores once and does not follow when the public one changes (reported). */
function former({ nat, held }: Survey, { passiveAddress }: FtpReading, wish: PassiveWish): Finding[] {
  const { configured, rendered } = passiveAddress;
  const known = [...nat.flatMap((pair) => [pair.local, pair.public]), ...held, wish.address];
  const former = [configured, rendered].find(
    (each) => each != null && isIpv4(each) && addressKind(each) === 'public' && !known.includes(each),
  );
  if (former == null) return [];
  const where =
    nat.length > 0 ? phrase`no line of /var/cpanel/cpnat has it` : phrase`no interface of this server has it`;
  return [
    {
      id: 'address-former',
      level: 'warn',
      title: phrase`${former} is not an address of this server`,
      fact: phrase`The FTP server's settings name ${former}, and ${where}: it may be that of before a move. cPanel keeps an address that is set and does not follow a new one.`,
      fix: phrase`Setting up passive FTP replaces it; where NAT has a new public address, run /usr/local/cpanel/scripts/build_cpnat before.`,
    },
  ];
}

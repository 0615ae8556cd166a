import { addressKind, isIpv4 } from '../core/address.ts';
import type { Finding } from '../core/finding.ts';
import type { FtpReading, PassiveWish } from '../ftp/server.ts';
import type { Survey } from './survey.ts';

const SET_UP = 'Set up passive FTP.';

/** What clients are told to connect to, and whether it will stay so. */
export function addressFindings(found: Survey, reading: FtpReading, wish: PassiveWish): Finding[] {
  return [...agreement(found, reading, wish), ...former(found, reading, wish)];
}

function agreement({ localAddress }: Survey, reading: FtpReading, wish: PassiveWish): Finding[] {
  const { configured, rendered, live } = reading.passiveAddress;
  const told = live ?? rendered ?? localAddress ?? 'its own address';
  const wanted = wish.address ?? localAddress ?? 'its own address';
  if (rendered !== wish.address) {
    const kind = addressKind(told) === 'public' ? '' : ` (${addressKind(told)})`;
    return [
      {
        id: 'address-wrong',
        level: 'bad',
        title: 'Clients are told an address that they cannot use',
        fact: `PASV names ${told}${kind}; clients must be told ${wanted}.`,
        fix: SET_UP,
      },
    ];
  }
  if (configured !== wish.address) {
    return [
      {
        id: 'address-not-kept',
        level: 'warn',
        title: 'The address will be lost at the next rebuild',
        fact: `WHM's settings say ${configured ?? 'none'}, the FTP server's configuration file says ${rendered ?? 'none'}.`,
        fix: SET_UP,
      },
    ];
  }
  const fact = `WHM's settings and the configuration file say ${wanted}${live === wish.address ? ', and the server runs with it' : ''}.`;
  return [{ id: 'address-right', level: 'good', title: 'Clients are told the right address', fact, fix: '' }];
}

/** cPanel writes an address into its stores once and does not follow when the public one changes (reported). */
function former({ nat, held }: Survey, { passiveAddress }: FtpReading, wish: PassiveWish): Finding[] {
  const { configured, rendered } = passiveAddress;
  const known = [...nat.flatMap((pair) => [pair.local, pair.public]), ...held, wish.address];
  const former = [configured, rendered].find(
    (each) => each != null && isIpv4(each) && addressKind(each) === 'public' && !known.includes(each),
  );
  if (former == null) return [];
  const where = nat.length > 0 ? 'no line of /var/cpanel/cpnat has it' : 'no interface of this server has it';
  return [
    {
      id: 'address-former',
      level: 'warn',
      title: `${former} is not an address of this server`,
      fact: `The FTP server's settings name ${former}, and ${where}: it may be that of before a move. cPanel keeps an address that is set and does not follow a new one.`,
      fix: 'Setting up passive FTP replaces it; where NAT has a new public address, run /usr/local/cpanel/scripts/build_cpnat before.',
    },
  ];
}

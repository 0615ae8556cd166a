import { addressKind } from '../core/address.ts';
import type { Finding } from '../core/finding.ts';
import { DEFAULT_RANGE, formatRange, sameRange } from '../core/range.ts';
import type { Settings } from '../core/settings.ts';
import type { Status } from '../core/status.ts';
import type { FtpReading, PassiveWish } from '../ftp/server.ts';
import { firewallFindings } from './firewall-findings.ts';
import { rangeOpen, wantedFamilies, type Survey } from './survey.ts';
import { natOf, wishOf } from './wish.ts';

/** Findings that say nothing is known, not that something is wrong. */
const UNTOLD = ['reach-unknown', 'boot-unknown'];
const SET_UP = 'Set up passive FTP.';

/** Judges a survey by what the settings want. */
export function statusOf(found: Survey, settings: Settings): Status {
  const findings = findingsOf(found, settings);
  const nat = natOf(found);
  const nothing = { configured: null, rendered: null, live: null };
  const unsure =
    settings.only !== 'ftp' && rangeOpen(found.reaches, wantedFamilies(found, settings), settings) === null;
  const wrong = findings.some(
    ({ level, id }) => (level === 'bad' || level === 'warn') && !UNTOLD.includes(id),
  );
  return {
    ok: wrong ? false : unsure ? null : true,
    ftp: {
      server: found.ftpName,
      running: found.reading?.running ?? false,
      range: found.reading?.range ?? nothing,
      passiveAddress: found.reading?.passiveAddress ?? nothing,
    },
    nat: { behind: nat.behind, addresses: found.nat },
    firewall: { active: found.charge.active, others: found.charge.others, reach: found.reaches },
    findings,
  };
}

function findingsOf(found: Survey, settings: Settings): Finding[] {
  const wish = wishOf(found, settings);
  return [
    ...found.troubles,
    ...(settings.only === 'firewall'
      ? []
      : [...(found.cpanel ? ftpFindings(found, wish) : [noCpanel()]), ...natFindings(found, settings)]),
    ...(settings.only === 'ftp' ? [] : firewallFindings(found, settings)),
  ];
}

function noCpanel(): Finding {
  const fact = '/var/cpanel/cpanel.config does not exist.';
  const fix = 'The firewall half works here all the same: use --only firewall.';
  return { id: 'no-cpanel', level: 'bad', title: 'This is not a cPanel server', fact, fix };
}

function ftpFindings(found: Survey, wish: PassiveWish): Finding[] {
  const { reading } = found;
  if (reading === null) {
    const fact = '/var/cpanel/cpanel.config names no FTP server.';
    return [
      {
        id: 'ftp-disabled',
        level: 'bad',
        title: 'FTP is switched off',
        fact,
        fix: 'Choose Pure-FTPd or ProFTPD in WHM, FTP Server Selection.',
      },
    ];
  }
  return [
    ...reading.findings,
    ...runningFinding(found, reading),
    ...addressFinding(found, reading, wish),
    ...rangeFinding(reading, wish),
  ];
}

function runningFinding(found: Survey, reading: FtpReading): Finding[] {
  if (reading.running) return [];
  const fact = `No ${found.server?.title ?? 'FTP'} process listens on port ${reading.controlPort}.`;
  return [{ id: 'ftp-not-running', level: 'bad', title: 'The FTP server is not running', fact, fix: SET_UP }];
}

function addressFinding(found: Survey, reading: FtpReading, wish: PassiveWish): Finding[] {
  const { configured, rendered, live } = reading.passiveAddress;
  const told = live ?? rendered ?? found.localAddress ?? 'its own address';
  const wanted = wish.address ?? found.localAddress ?? 'its own address';
  if (rendered !== wish.address) {
    const kind = addressKind(told) === 'public' ? '' : ` (${addressKind(told)})`;
    const fact = `PASV names ${told}${kind}; clients must be told ${wanted}.`;
    return [
      {
        id: 'address-wrong',
        level: 'bad',
        title: 'Clients are told an address that they cannot use',
        fact,
        fix: SET_UP,
      },
    ];
  }
  if (configured !== wish.address) {
    const fact = `The stores say ${configured ?? 'none'}, the daemon's file says ${rendered ?? 'none'}.`;
    return [
      {
        id: 'address-not-kept',
        level: 'warn',
        title: 'The address will be lost at the next rebuild',
        fact,
        fix: SET_UP,
      },
    ];
  }
  const fact = `Configured, rendered${live === wish.address ? ' and live' : ''}: ${wanted}.`;
  return [{ id: 'address-right', level: 'good', title: 'Clients are told the right address', fact, fix: '' }];
}

function rangeFinding(reading: FtpReading, wish: PassiveWish): Finding[] {
  const { configured, rendered, live } = reading.range;
  const wanted = formatRange(wish.range);
  const say = (range: typeof configured): string => (range === null ? 'none' : formatRange(range));
  if (!sameRange(rendered, wish.range)) {
    const fact = `The daemon's file says ${say(rendered)}, ${wanted} is wanted.`;
    return [
      {
        id: 'range-wrong',
        level: 'bad',
        title: 'The FTP server uses other passive ports',
        fact,
        fix: SET_UP,
      },
    ];
  }
  // Where no store names a range, a rebuild takes cPanel's default.
  if (!sameRange(configured ?? DEFAULT_RANGE, wish.range)) {
    const fact = `The stores say ${say(configured)}, the daemon's file says ${say(rendered)}.`;
    return [
      {
        id: 'range-not-kept',
        level: 'warn',
        title: 'The passive ports will change at the next rebuild',
        fact,
        fix: SET_UP,
      },
    ];
  }
  const fact = `Rendered${sameRange(live, wish.range) ? ' and live' : ''}: ${wanted}.`;
  return [
    {
      id: 'range-right',
      level: 'good',
      title: 'The FTP server uses the wanted passive ports',
      fact,
      fix: '',
    },
  ];
}

function natFindings(found: Survey, settings: Settings): Finding[] {
  if (!found.cpanel || !natOf(found).unknown || settings.passiveAddress !== 'auto') return [];
  const fact = `This server's address ${found.localAddress ?? ''} is private, and /var/cpanel/cpnat maps it to no public one.`;
  const fix =
    'Name the public address that clients use (in the form, or --public-address), or none when all clients are inside.';
  return [{ id: 'nat-unknown', level: 'warn', title: 'The public address is not known', fact, fix }];
}

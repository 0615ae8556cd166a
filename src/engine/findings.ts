import { addressKind } from '../core/address.ts';
import type { Finding } from '../core/finding.ts';
import { DEFAULT_RANGE, formatRange, sameRange } from '../core/range.ts';
import { allOpen, unknownReach, type Family } from '../core/reach.ts';
import type { Settings } from '../core/settings.ts';
import type { Status } from '../core/status.ts';
import type { FtpReading, PassiveWish } from '../ftp/server.ts';
import { deaf, rangeOpen, wantedFamilies, type Survey } from './survey.ts';
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
    firewall: { active: found.active, others: [], reach: found.reaches },
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
  if (found.ftpName === 'disabled') {
    const fact = '/var/cpanel/cpanel.config names no FTP server.';
    return [
      {
        id: 'ftp-disabled',
        level: 'bad',
        title: 'FTP is switched off',
        fact,
        fix: 'Choose Pure-FTPd in WHM, FTP Server Selection.',
      },
    ];
  }
  if (found.reading === null) {
    const fact = '/var/cpanel/cpanel.config says ftpserver=proftpd; this version sets up Pure-FTPd only.';
    return [
      {
        id: 'ftp-unsupported',
        level: 'bad',
        title: 'ProFTPD is not supported yet',
        fact,
        fix: 'Follow the manual for ProFTPD.',
      },
    ];
  }
  const { reading } = found;
  return [
    ...reading.findings,
    ...runningFinding(reading),
    ...addressFinding(found, reading, wish),
    ...rangeFinding(reading, wish),
  ];
}

function runningFinding(reading: FtpReading): Finding[] {
  if (reading.running) return [];
  const fact = `No Pure-FTPd process listens on port ${reading.controlPort}.`;
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

function firewallFindings(found: Survey, settings: Settings): Finding[] {
  const families = wantedFamilies(found, settings);
  return [
    ...families.map((family) => reachFinding(found, settings, family)),
    ...bootFindings(found, settings),
  ];
}

function reachFinding(found: Survey, settings: Settings, family: Family): Finding {
  const reach = found.reaches[family];
  const name = family === 'ipv4' ? 'IPv4' : 'IPv6';
  if (reach === undefined || reach.method === 'unknown') {
    const fact = reach?.reason ?? 'It was not asked.';
    return {
      id: 'reach-unknown',
      level: 'warn',
      title: `What the firewall does over ${name} could not be told`,
      fact,
      fix: 'Test from outside.',
    };
  }
  const [first] = reach.blocked;
  if (first === undefined) {
    const fact = `A copy of the rules let ${formatRange(settings.range)} in.`;
    return {
      id: `range-open-${family}`,
      level: 'good',
      title: `The firewall lets passive connections in over ${name}`,
      fact,
      fix: '',
    };
  }
  if (deaf(family, found.reaches)) {
    return {
      id: 'ipv6-deaf',
      level: 'info',
      title: 'Nobody reaches this server over IPv6',
      fact: 'In a copy of the rules no connection over IPv6 got as far as a rule for TCP: neighbour discovery (ICMPv6) is dropped.',
      fix: 'Let ICMPv6 in, or set up passive FTP without IPv6.',
    };
  }
  const ports = reach.blocked.map(({ range }) => formatRange(range)).join(', ');
  const by = first.rule === null ? 'before any rule of nftables' : `by: ${first.rule}`;
  const word = first.how === 'reject' ? 'rejected' : first.how === 'drop' ? 'dropped' : 'stopped';
  return {
    id: `range-blocked-${family}`,
    level: 'bad',
    title: `The firewall blocks passive connections over ${name}`,
    fact: `${ports} ${word} ${by}.`,
    fix: SET_UP,
  };
}

function bootFindings(found: Survey, settings: Settings): Finding[] {
  const { boot, bootReaches } = found;
  if (found.active !== 'nftables') return [];
  if (boot === null) {
    return [
      {
        id: 'boot-none',
        level: 'info',
        title: 'The firewall rules are not saved',
        fact: 'Neither /etc/sysconfig/nftables.conf nor /etc/nftables.conf exists.',
        fix: 'After a reboot this firewall is not there; save your rules if you want it back.',
      },
    ];
  }
  const { path } = boot.file;
  const families = wantedFamilies(found, settings);
  const closed = families.filter(
    (family) => allOpen(bootReaches[family] ?? unknownReach('')) === false && !deaf(family, bootReaches),
  );
  const broken = families.map((family) => bootReaches[family]).find((reach) => reach?.method === 'unknown');
  return [
    ...(closed.length === 0
      ? []
      : [
          {
            id: 'boot-blocked',
            level: 'bad',
            title: 'After the next boot the firewall blocks passive connections',
            fact: `${path} lets ${formatRange(settings.range)} in over ${closed.length === families.length ? 'no' : 'not every'} address family that is used here.`,
            fix: SET_UP,
          } as const,
        ]),
    ...(broken === undefined
      ? []
      : [
          {
            id: 'boot-unknown',
            level: 'warn',
            title: 'What the saved firewall rules do could not be told',
            fact: `${path}: ${broken.reason ?? ''}`,
            fix: 'Try it: nft -c -f with that file.',
          } as const,
        ]),
    ...(boot.enabled
      ? []
      : [
          {
            id: 'boot-not-enabled',
            level: 'info',
            title: 'The saved firewall rules are not loaded at boot',
            fact: `nftables.service is not enabled, so ${path} is not loaded at boot.`,
            fix: 'systemctl enable nftables',
          } as const,
        ]),
  ];
}

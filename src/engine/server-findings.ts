import type { Finding } from '../core/finding.ts';
import { phrase } from '../core/phrase.ts';
import { DEFAULT_RANGE, formatRange, sameRange } from '../core/range.ts';
import type { FtpReading, FtpServer } from '../ftp/server.ts';
import { CPANEL_CONFIG, isMonitored, MONITORED, switchedOffBy } from './situation.ts';
import type { Sight } from './survey.ts';

/** How a person switches FTP on; the product never does. */
export const HOW_TO_SWITCH_ON = phrase`choose Pure-FTPd or ProFTPD in WHM, Service Configuration, FTP Server Selection, or run /usr/local/cpanel/scripts/setupftpserver pure-ftpd --force, then try again; it is never switched on from here.`;
const FIX = `${HOW_TO_SWITCH_ON.charAt(0).toUpperCase()}${HOW_TO_SWITCH_ON.slice(1)}`;

/** FTP is off: the one thing to be said of it. */
export function ftpDisabled({ files }: Pick<Sight, 'files'>): Finding {
  return {
    id: 'ftp-disabled',
    level: 'bad',
    title: phrase`FTP is switched off`,
    fact: `${whyDisabled({ files })}.`,
    fix: FIX,
  };
}

/** A clause that says what cPanel's settings say. */
export function whyDisabled({ files }: Pick<Sight, 'files'>): string {
  const value = /^ftpserver=(\S*)/m.exec(files.get(CPANEL_CONFIG)?.text ?? '')?.[1];
  if (value === undefined)
    return phrase`${CPANEL_CONFIG} has no line ftpserver=, which means that FTP is off`;
  return phrase`${CPANEL_CONFIG} says ftpserver=${value}`;
}

/** Which server runs, and what else concerns the one that is chosen. */
export function serverFindings(found: Sight, server: FtpServer, reading: FtpReading): Finding[] {
  return [
    ...runningFindings(found, server, reading),
    ...flagFinding(found, server),
    ...elsewhere(found, server, reading),
    ...monitoring(found),
    ...setAside(found, server),
  ];
}

/** Another program than the chosen server that has its control port; null when there is none. */
export function otherOnPort(
  { sockets }: Pick<Sight, 'sockets'>,
  { running, controlPort }: FtpReading,
): { program: string; pid: number } | null {
  const held = sockets.listening.filter(({ port, pid }) => port === controlPort && pid !== 0);
  return running ? null : (held[0] ?? null);
}

function runningFindings(found: Sight, { title }: FtpServer, reading: FtpReading): Finding[] {
  if (reading.running) return [];
  const other = otherOnPort(found, reading);
  if (other !== null) {
    return [
      {
        id: 'ftp-other-server',
        level: 'bad',
        title: phrase`${title} is chosen, and another program runs in its place`,
        fact: phrase`${CPANEL_CONFIG} says ftpserver=${found.ftpName}, and on port ${reading.controlPort} ${other.program} listens (process ${other.pid}).`,
        fix: phrase`Choose one of the two in WHM, FTP Server Selection, and save; servers are never switched from here.`,
      },
    ];
  }
  const fact = phrase`No ${title} process listens on port ${reading.controlPort}.`;
  const fix = phrase`Set up passive FTP.`;
  return [{ id: 'ftp-not-running', level: 'bad', title: phrase`The FTP server is not running`, fact, fix }];
}

function flagFinding({ files, reading }: Sight, { name, title }: FtpServer): Finding[] {
  const flag = switchedOffBy(files, name);
  if (flag === null) return [];
  const runs = reading?.running === true;
  return [
    {
      id: 'ftp-switched-off-flag',
      level: runs ? 'warn' : 'bad',
      title: runs ? phrase`FTP will be off after its next restart` : phrase`FTP is switched off by a file`,
      fact: phrase`${flag} exists, with which cPanel does not start the FTP server, although ${CPANEL_CONFIG} names ${title}.`,
      fix: runs ? phrase`Setting up passive FTP lets cPanel remove it.` : FIX,
    },
  ];
}

/** Settings that somebody made for the server that is not in use. */
function elsewhere({ neighbours }: Sight, { title }: FtpServer, reading: FtpReading): Finding[] {
  if (hasOwn(reading)) return [];
  return neighbours.flatMap(({ server, reading: other }) => {
    if (!hasOwn(other)) return [];
    const { range, passiveAddress } = other;
    const said = [
      ...(range.configured === null ? [] : [phrase`passive ports ${formatRange(range.configured)}`]),
      ...(passiveAddress.configured === null ? [] : [phrase`the address ${passiveAddress.configured}`]),
    ];
    return [
      {
        id: 'ftp-settings-elsewhere',
        level: 'info',
        title: phrase`${server.title} has settings for passive FTP, and ${title} is in use`,
        fact: phrase`WHM's settings for ${server.title} say ${said.join(phrase` and `)}; ${title} does not read them.`,
        fix: phrase`Setting up passive FTP writes those of the server in use; the others stay as they are.`,
      } as const,
    ];
  });
}

/** Whether anything but cPanel's defaults is configured. */
function hasOwn({ range, passiveAddress }: FtpReading): boolean {
  return passiveAddress.configured !== null || !sameRange(range.configured ?? DEFAULT_RANGE, DEFAULT_RANGE);
}

function monitoring({ files }: Sight): Finding[] {
  if (isMonitored(files) !== false) return [];
  return [
    {
      id: 'ftp-not-monitored',
      level: 'info',
      title: phrase`cPanel does not watch the FTP server`,
      fact: phrase`${MONITORED} says ftpd:0, so cPanel does not start it again when it fails.`,
      fix: phrase`Switch it on in WHM, Service Manager, if it should; setting up passive FTP leaves it as it is.`,
    },
  ];
}

function setAside({ setAside: paths }: Sight, { name }: FtpServer): Finding[] {
  const last = paths.at(-1);
  if (name !== 'proftpd' || last === undefined) return [];
  return [
    {
      id: 'conf-set-aside',
      level: 'info',
      title: phrase`cPanel has replaced the settings of ProFTPD before`,
      fact: phrase`${paths.join(', ')}: ProFTPD did not take ${paths.length === 1 ? phrase`this file` : phrase`these files`}, so cPanel put a new one in the place; changes made by hand are in the old one only.`,
      fix: phrase`Take over what you need from it, then remove it.`,
    },
  ];
}

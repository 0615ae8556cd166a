import type { Finding } from '../core/finding.ts';
import { phrase } from '../core/phrase.ts';
import { servedAddresses } from './served.ts';
import type { Draft } from './steps.ts';
import type { Sight } from './survey.ts';

/**
 * What a plan does beyond its steps. It is no part of the plan's id: sessions come and go.
 * @param ftp the plan's steps for the FTP server, which restart it
 */
export function planNotes(found: Sight, ftp: readonly Draft[]): Finding[] {
  return ftp.length === 0 ? [] : [...sessionsNote(found), ...eachNote(found)];
}

function sessionsNote({ sockets, reading }: Sight): Finding[] {
  const count = sockets.open.filter((port) => port === reading?.controlPort).length;
  if (count === 0) return [];
  const [sessions, they] =
    count === 1 ? [phrase`1 session is`, 'it'] : [phrase`${count} sessions are`, 'they'];
  return [
    {
      id: 'sessions-open',
      level: 'info',
      title: phrase`Open FTP sessions end when the FTP server restarts`,
      fact: phrase`${sessions} open now; ${they} will be cut.`,
      fix: '',
    },
  ];
}

/** A virtual host takes over nothing from the server, so the plan writes the address into each. */
function eachNote(found: Sight): Finding[] {
  const hosts = found.reading?.hosts ?? [];
  const mapped = servedAddresses(found).filter(
    ({ local, public: outside, main }) =>
      !main && outside !== null && outside !== local && hosts.some(({ address }) => address === local),
  );
  if (mapped.length === 0) return [];
  return [
    {
      id: 'dedicated-each',
      level: 'info',
      title: phrase`Each address gets its own public address`,
      fact: phrase`Clients will be told ${mapped.map(({ local, public: outside }) => phrase`${outside ?? ''} on ${local}`).join(', ')}: it is written into their <VirtualHost>, for these take over nothing from the server. PASV and EPSV then work on all of them.`,
      fix: '',
    },
  ];
}

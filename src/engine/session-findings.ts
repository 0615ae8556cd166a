import type { Finding } from '../core/finding.ts';
import { phrase } from '../core/phrase.ts';
import type { FtpReading } from '../ftp/server.ts';
import type { Sight } from './survey.ts';

/** Whether as many clients are connected as the FTP server serves at once; the next one is turned away then. */
export function sessionFindings({ sockets }: Sight, { clients, controlPort }: FtpReading): Finding[] {
  const count = sockets.open.filter((port) => port === controlPort).length;
  if (clients === null || count < clients.most) return [];
  const sessions = count === 1 ? phrase`1 session is` : phrase`${count} sessions are`;
  return [
    {
      id: 'server-full',
      level: 'warn',
      title: phrase`The FTP server has as many clients as it serves at once`,
      fact: phrase`${sessions} open on port ${controlPort}, and ${clients.most} clients are served at once (${clients.says}); the next one is turned away.`,
      fix: phrase`Serve more clients at once (WHM, FTP Server Configuration), with at least twice as many passive ports. What failed transfers have left behind ends after the idle time, or when the FTP server restarts.`,
    },
  ];
}

import type { Finding } from '../core/finding.ts';
import { phrase } from '../core/phrase.ts';

/** What clients must know of how an FTP server is reached, which is nothing wrong. `says`: the line that says so. */
export function portFinding(path: string, says: string, port: number): Finding[] {
  if (port === 21) return [];
  return [
    {
      id: 'control-port',
      level: 'info',
      title: phrase`FTP is on port ${port}`,
      fact: phrase`${path} says ${says}; clients that are not told so try port 21.`,
      fix: '',
    },
  ];
}

export function tlsRequired(path: string, says: string): Finding {
  return {
    id: 'tls-required',
    level: 'info',
    title: phrase`Clients must use TLS`,
    fact: phrase`${path} says ${says}; clients without TLS are turned away.`,
    fix: '',
  };
}

export function tlsOff(path: string, says: string): Finding {
  return {
    id: 'tls-off',
    level: 'info',
    title: phrase`FTP is not encrypted`,
    fact: phrase`${path} says ${says}; clients cannot use TLS, and passwords can be read on the way.`,
    fix: phrase`Let clients choose in WHM, FTP Server Configuration, TLS Encryption Support.`,
  };
}

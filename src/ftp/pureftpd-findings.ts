import { readDirective } from '../core/conf.ts';
import type { Finding } from '../core/finding.ts';
import { phrase } from '../core/phrase.ts';
import { portFinding, tlsOff, tlsRequired } from './manner.ts';
import type { ClientLimit } from './server.ts';

/** What Pure-FTPd takes for yes, in any case of letters. */
const YES = /^(?:yes|y|on|true|1|enabled)$/i;

/** Of how many clients Pure-FTPd serves at once without a word about it. */
const DEFAULT_CLIENTS = 50;

/** What in /etc/pure-ftpd.conf beside the passive keys decides how clients connect. */
export function pureftpdFindings(path: string, text: string, controlPort: number): Finding[] {
  return [
    ...portFinding(path, `Bind ${last(text, 'Bind') ?? ''}`, controlPort),
    ...tlsFinding(path, last(text, 'TLS')),
    ...passiveOff(path, text),
    ...extendedOff(path, text),
  ];
}

export function clientLimit(text: string): ClientLimit {
  const value = last(text, 'MaxClientsNumber');
  const most = Number(value);
  if (value !== null && Number.isInteger(most) && most > 0)
    return { most, says: `MaxClientsNumber ${value}` };
  return { most: DEFAULT_CLIENTS, says: phrase`its default` };
}

function last(text: string, key: string): string | null {
  return readDirective(text, key).at(-1) ?? null;
}

function tlsFinding(path: string, value: string | null): Finding[] {
  if (value === '0') return [tlsOff(path, 'TLS 0')];
  return value === '2' || value === '3' ? [tlsRequired(path, `TLS ${value}`)] : [];
}

function passiveOff(path: string, text: string): Finding[] {
  const value = last(text, 'NATmode') ?? '';
  if (!YES.test(value)) return [];
  return [
    {
      id: 'nat-mode',
      level: 'bad',
      title: phrase`Passive mode is switched off`,
      fact: phrase`${path} says NATmode ${value}; with it Pure-FTPd answers PASV and EPSV with "500 Unknown command".`,
      fix: phrase`Put "NATmode: 'no'" into /var/cpanel/conf/pureftpd/local, then set up passive FTP.`,
    },
  ];
}

function extendedOff(path: string, text: string): Finding[] {
  const value = last(text, 'BrokenClientsCompatibility') ?? '';
  if (!YES.test(value)) return [];
  return [
    {
      id: 'broken-clients',
      level: 'warn',
      title: phrase`EPSV is switched off over IPv4`,
      fact: phrase`${path} says BrokenClientsCompatibility ${value}; over IPv4 EPSV is answered with "500 Unknown command", and only PASV is left.`,
      fix: phrase`Switch Broken Clients Compatibility off in WHM, FTP Server Configuration.`,
    },
  ];
}

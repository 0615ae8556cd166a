import type { Finding } from '../core/finding.ts';
import { phrase } from '../core/phrase.ts';
import { directivesIn, effective, readProftpdConf } from './proftpd-conf.ts';
import {
  ADDRESS,
  emptyDirectives,
  otherTlsAddresses,
  RANGE,
  TLS_ADDRESS,
  valueOf,
  type ProftpdWish,
} from './proftpd-edit.ts';

/** What of passive FTP is wrong in ProFTPD's file beyond the server's own two values. */
export function proftpdFindings(
  path: string,
  text: string,
  hostAddress: ProftpdWish['hostAddress'],
): Finding[] {
  return [
    ...empty(path, text),
    ...noGlobal(path, text),
    ...hostFindings(path, text, hostAddress),
    ...tlsAddress(path, text),
  ];
}

function tlsAddress(path: string, text: string): Finding[] {
  return otherTlsAddresses(text).map((directive) => ({
    id: 'conf-tls-address',
    level: 'bad',
    title: phrase`Clients that use TLS are told another address`,
    fact: phrase`${path} says ${TLS_ADDRESS} ${valueOf(directive) ?? ''}, which is not what clients without TLS are told there.`,
    fix: phrase`Setting up passive FTP takes that line out; all clients are then told the same.`,
  }));
}

function empty(path: string, text: string): Finding[] {
  return emptyDirectives(text).map(({ words: [name = ''], start }) => ({
    id: 'conf-empty-directive',
    level: 'bad',
    title: phrase`${name} has no value`,
    fact: phrase`Line ${text.slice(0, start).split('\n').length} of ${path} is a bare ${name}; ProFTPD does not start with it.`,
    fix: phrase`Setting up passive FTP removes the line.`,
  }));
}

function noGlobal(path: string, text: string): Finding[] {
  if (readProftpdConf(text).sections.some(({ kind }) => kind === 'global')) return [];
  return [
    {
      id: 'conf-no-global',
      level: 'warn',
      title: phrase`cPanel has no place for the passive ports`,
      fact: phrase`${path} has no <Global> section, and cPanel writes ${RANGE} nowhere else.`,
      fix: phrase`Setting up passive FTP adds one.`,
    },
  ];
}

function hostFindings(path: string, text: string, hostAddress: ProftpdWish['hostAddress']): Finding[] {
  const conf = readProftpdConf(text);
  const range = valueOf(effective(conf, conf.server, RANGE));
  return conf.sections
    .filter(({ kind }) => kind === 'host')
    .flatMap((section) => {
      const name = section.hosts.join(' ');
      const found: Finding[] = [];
      const own = directivesIn(conf, section, RANGE)[0] ?? null;
      if (own !== null && valueOf(own) !== range) {
        found.push({
          id: 'host-range',
          level: 'warn',
          title: phrase`${name} uses other passive ports`,
          fact: phrase`<VirtualHost ${name}> in ${path} says ${RANGE} ${valueOf(own) ?? ''}, the server ${range ?? phrase`nothing`}.`,
          fix: phrase`Setting up passive FTP takes that line out.`,
        });
      }
      const told = valueOf(effective(conf, section, ADDRESS));
      const wanted = hostAddress(section.hosts);
      if (wanted !== undefined && wanted !== told && !(wanted === null && told === section.hosts[0])) {
        found.push({
          id: 'host-address',
          level: 'bad',
          title: phrase`Clients of ${name} are told an address that they cannot use`,
          fact: phrase`<VirtualHost ${name}> in ${path} tells ${told ?? name}, clients reach it as ${wanted ?? name}; it takes over nothing from the server's own ${ADDRESS}.`,
          fix: phrase`Set up passive FTP.`,
        });
      }
      return found;
    });
}

import { isIpv4 } from '../core/address.ts';
import type { Finding } from '../core/finding.ts';
import { phrase } from '../core/phrase.ts';
import { portFinding, tlsOff, tlsRequired } from './manner.ts';
import { directivesIn, effective, readProftpdConf, type ProftpdConf, type Section } from './proftpd-conf.ts';
import { ADDRESS, valueOf } from './proftpd-edit.ts';
import type { ClientLimit, HostReading } from './server.ts';

/** What in /etc/proftpd.conf beside the passive directives decides how clients connect. */
export function mannerFindings(path: string, text: string, controlPort: number): Finding[] {
  const conf = readProftpdConf(text);
  return [
    ...portFinding(path, `Port ${controlPort}`, controlPort),
    ...tlsFindings(path, conf),
    ...reuseFindings(path, conf),
  ];
}

/** Each client is a process, and each may be limited by itself; without a word there is no limit. */
export function clientLimit(text: string): ClientLimit | null {
  const conf = readProftpdConf(text);
  const limits = ['MaxInstances', 'MaxClients'].flatMap((name) => {
    const value = wordOf(conf, conf.server, name) ?? '';
    return /^[1-9]\d*$/.test(value) ? [{ most: Number(value), says: `${name} ${value}` }] : [];
  });
  return limits.sort((a, b) => a.most - b.most)[0] ?? null;
}

/** The virtual hosts by their addresses, and what PASV names in each. */
export function hostsOf(text: string): HostReading[] {
  const conf = readProftpdConf(text);
  return conf.sections
    .filter(({ kind }) => kind === 'host')
    .flatMap((section) => {
      const told = valueOf(effective(conf, section, ADDRESS));
      return section.hosts.filter(isIpv4).map((address) => ({ address, told }));
    });
}

function wordOf(conf: ProftpdConf, section: Section, name: string): string | null {
  return effective(conf, section, name)?.words[1] ?? null;
}

function tlsFindings(path: string, conf: ProftpdConf): Finding[] {
  const engine = wordOf(conf, conf.server, 'TLSEngine');
  if (engine !== null && !isOn(engine)) return [tlsOff(path, `TLSEngine ${engine}`)];
  const required = wordOf(conf, conf.server, 'TLSRequired') ?? 'off';
  return engine === null || /^(?:off|no|false|0)$/i.test(required)
    ? []
    : [tlsRequired(path, `TLSRequired ${required}`)];
}

/** Each section has its own `TLSOptions`; a virtual host takes over only what stands in `<Global>`. */
function reuseFindings(path: string, conf: ProftpdConf): Finding[] {
  const sections = [conf.server, ...conf.sections.filter(({ kind }) => kind === 'host')];
  const strict = sections.filter((section) => {
    if (!isOn(wordOf(conf, section, 'TLSEngine') ?? 'off')) return false;
    return !optionsOf(conf, section).includes('nosessionreuserequired');
  });
  if (strict.length === 0) return [];
  const names = strict.map(({ kind, hosts }) => (kind === 'host' ? hosts.join(' ') : phrase`the server`));
  return [
    {
      id: 'tls-session-reuse',
      level: 'warn',
      title: phrase`Data connections fail for clients that do not reuse their TLS session`,
      fact: phrase`${path} has no TLSOptions NoSessionReuseRequired for ${names.join(', ')}, so ProFTPD answers such clients with 425 or closes the data connection.`,
      fix: phrase`Add NoSessionReuseRequired to the TLS options in WHM, FTP Server Configuration.`,
    },
  ];
}

function optionsOf(conf: ProftpdConf, section: Section): string[] {
  const own = directivesIn(conf, section, 'TLSOptions');
  const inherited = effective(conf, section, 'TLSOptions');
  const directives = own.length > 0 ? own : inherited === null ? [] : [inherited];
  return directives.flatMap(({ words }) => words.slice(1).map((word) => word.toLowerCase()));
}

function isOn(value: string): boolean {
  return /^(?:on|yes|true|1)$/i.test(value);
}

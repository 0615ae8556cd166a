import { isIpv4 } from '../core/address.ts';
import type { FileFacts } from '../core/file.ts';
import { phrase } from '../core/phrase.ts';

/** cPanel's dedicated addresses, lines `ADDRESS:NETMASK:BROADCAST`. */
export const DEDICATED = '/etc/ips';
/** cPanel's own settings; they name the FTP server that is chosen. */
export const CPANEL_CONFIG = '/var/cpanel/cpanel.config';
/** What cPanel watches and starts again, lines `NAME:1|0`. */
export const MONITORED = '/etc/chkserv.d/chkservd.conf';
export const KERNEL_PORTS = '/proc/sys/net/ipv4/ip_local_port_range';
export const RESERVED_PORTS = '/proc/sys/net/ipv4/ip_local_reserved_ports';

const OFF_FLAGS = ['/etc/ftpddisable', '/etc/ftpserverdisable'];
const offFlag = (server: string): string => `/etc/${server}disable`;

const CONTAINER_FLAGS = ['/.dockerenv', '/run/.containerenv'];
const FIRST_ENVIRONMENT = '/proc/1/environ';

/** Files that tell in what situation an FTP server is, whatever it is. */
export const SITUATION_FILES: readonly string[] = [
  DEDICATED,
  MONITORED,
  KERNEL_PORTS,
  RESERVED_PORTS,
  ...OFF_FLAGS,
  ...['pure-ftpd', 'proftpd'].map(offFlag),
  ...CONTAINER_FLAGS,
  FIRST_ENVIRONMENT,
];

/** A file by which FTP is switched off although a server is named; null when there is none. */
export function switchedOffBy(files: FileFacts, server: string): string | null {
  return [...OFF_FLAGS, offFlag(server)].find((path) => files.get(path)) ?? null;
}

export function dedicatedAddresses(files: FileFacts): string[] {
  const lines = (files.get(DEDICATED)?.text ?? '').split('\n');
  return lines.map((line) => line.trim().split(':')[0] ?? '').filter(isIpv4);
}

/** Whether cPanel watches FTP; null when its file does not say so. */
export function isMonitored(files: FileFacts): boolean | null {
  const value = /^ftpd:([01])\s*$/m.exec(files.get(MONITORED)?.text ?? '')?.[1];
  return value === undefined ? null : value === '1';
}

/** What shows that this server is a container; null when nothing does. */
export function containerSign(files: FileFacts, localAddress: string | null): string | null {
  const flag = CONTAINER_FLAGS.find((path) => files.get(path));
  if (flag !== undefined) return phrase`${flag} exists.`;
  const kind = /(?:^|\0)container=([^\0]+)/.exec(files.get(FIRST_ENVIRONMENT)?.text ?? '')?.[1];
  if (kind !== undefined) return phrase`The first process here was started with container=${kind}.`;
  if (localAddress?.startsWith('172.17.') !== true) return null;
  return phrase`The address ${localAddress} is of the network that Docker gives its containers.`;
}

import type { FileFacts } from '../core/file.ts';
import type { Finding } from '../core/finding.ts';
import { phrase } from '../core/phrase.ts';

/** Where this server runs: on a virtual machine's node, as a guest of one that may filter too, or neither. */
export type Standpoint =
  | { readonly at: 'node'; readonly sign: string }
  | { readonly at: 'guest'; readonly what: string; readonly sign: string }
  | { readonly at: 'elsewhere' };

const VIRTUOZZO = '/proc/vz/veinfo';
/** On the node only: a container does not see it. */
const VIRTUOZZO_NODE = '/proc/bc/resources';
const HYPERVISOR = '/sys/hypervisor/type';
/** Says `control_d` on the node. */
const XEN = '/proc/xen/capabilities';
/** SolusVM's settings, on its master and on each of its nodes (reported). */
const SOLUSVM = '/usr/local/solusvm/data/solusvm.conf';
const CONF = '/etc/sysconfig/iptables-config';

export const NODE_FILES: readonly string[] = [VIRTUOZZO, VIRTUOZZO_NODE, HYPERVISOR, XEN, SOLUSVM, CONF];

/** The kernel's modules that guests' passive FTP needs on their node, in the order of cPanel's document. */
export const MODULES: readonly string[] = [
  'ipt_REJECT',
  'ipt_tos',
  'ipt_TOS',
  'ipt_LOG',
  'ip_conntrack',
  'ipt_limit',
  'ipt_multiport',
  'iptable_filter',
  'iptable_mangle',
  'ipt_TCPMSS',
  'ipt_tcpmss',
  'ipt_ttl',
  'ipt_length',
  'ipt_state',
  'iptable_nat',
  'ip_nat_ftp',
  'ipt_owner',
  'ipt_REDIRECT',
];

/** What the service had there before anybody changed it; cPanel's document replaces it. */
const STOCK = 'ip_conntrack_netbios_ns';
/** A shell reads the file: without the quotes the second word would be run as a command. */
const LINE = /^[ \t]*IPTABLES_MODULES=.*$/m;

export function standpoint(files: FileFacts): Standpoint {
  const text = (path: string): string | undefined => files.get(path)?.text;
  if (text(VIRTUOZZO_NODE) !== undefined) return { at: 'node', sign: VIRTUOZZO_NODE };
  if (text(XEN)?.includes('control_d') === true) return { at: 'node', sign: XEN };
  if (text(VIRTUOZZO) !== undefined)
    return { at: 'guest', what: phrase`an OpenVZ or Virtuozzo container`, sign: VIRTUOZZO };
  if (text(HYPERVISOR)?.trim() === 'xen') return { at: 'guest', what: phrase`a Xen guest`, sign: HYPERVISOR };
  return text(SOLUSVM) === undefined ? { at: 'elsewhere' } : { at: 'node', sign: SOLUSVM };
}

/** The settings of the node's iptables service with every module named, where some lack; null where none does. */
export interface NodeChange {
  readonly path: string;
  readonly after: string;
  readonly missing: readonly string[];
}

export function nodeChange(files: FileFacts): NodeChange | null {
  const text = files.get(CONF)?.text;
  if (text === undefined || standpoint(files).at !== 'node') return null;
  const line = LINE.exec(text)?.[0];
  const named = namedIn(line ?? '');
  const missing = MODULES.filter((name) => !named.includes(name));
  const own = named.filter((name) => name !== STOCK && !MODULES.includes(name));
  const whole = modulesLine(own);
  if (missing.length === 0 && line !== undefined && isQuoted(line)) return null;
  const after =
    line === undefined ? `${text.replace(/(?<=[^\n])$/, '\n')}${whole}\n` : text.replace(LINE, () => whole);
  return { path: CONF, after, missing };
}

/** What is noteworthy about the place where this server runs. */
export function nodeFindings(files: FileFacts): Finding[] {
  const place = standpoint(files);
  if (place.at === 'guest') return [guestFinding(place.what, place.sign)];
  const change = nodeChange(files);
  if (change === null || place.at !== 'node') return [];
  const lacks =
    change.missing.length === 0
      ? phrase`has IPTABLES_MODULES without quotes, so that a shell takes the second module for a command`
      : phrase`does not name ${change.missing.join(', ')} in IPTABLES_MODULES`;
  return [
    {
      id: 'node-modules',
      level: 'warn',
      title: phrase`This node does not load all that its guests need for passive FTP`,
      fact: phrase`${place.sign} says that this is a node; ${CONF} ${lacks}.`,
      fix: phrase`Setting up passive FTP names them there, and loads those for FTP.`,
    },
  ];
}

function guestFinding(what: string, sign: string): Finding {
  return {
    id: 'virtual-node',
    level: 'info',
    title: phrase`This server is ${what}: its node may filter too`,
    fact: phrase`${sign} says so. Rules on the node and the modules that its kernel has loaded are not seen here.`,
    fix: phrase`If connections fail although the range is open here, send this to the provider: “Please make IPTABLES_MODULES in ${CONF} on our node say what follows, with the quotes, and run service iptables restart there: ${modulesLine([])}”`,
  };
}

function modulesLine(own: readonly string[]): string {
  return `IPTABLES_MODULES="${[...own, ...MODULES].join(' ')}"`;
}

function namedIn(line: string): string[] {
  const value = line.replace(/^[^=]*=/, '').replace(/(?<=\s)#.*$/, '');
  return value.replace(/["']/g, ' ').split(/\s+/).filter(Boolean);
}

function isQuoted(line: string): boolean {
  return /=(["'])[^"']*\1\s*(#.*)?$/.test(line);
}

import type { Finding } from '../core/finding.ts';
import type { FirewallFacts } from './firewall.ts';

const VIRTUOZZO = '/proc/vz/veinfo';
/** On the node only: a container does not see it. */
const VIRTUOZZO_NODE = '/proc/bc/resources';
const HYPERVISOR = '/sys/hypervisor/type';
/** Says `control_d` on the node. */
const XEN = '/proc/xen/capabilities';
const VENDOR = '/sys/class/dmi/id/sys_vendor';
const NODE_CONF = '/etc/sysconfig/iptables-config';

/** Files that tell where this server runs. */
export const BEYOND_FILES: readonly string[] = [VIRTUOZZO, VIRTUOZZO_NODE, HYPERVISOR, XEN, VENDOR];

const CLOUDS = [
  'Amazon EC2',
  'Google',
  'Microsoft Corporation',
  'DigitalOcean',
  'Hetzner',
  'Vultr',
  'Alibaba Cloud',
  'OpenStack Foundation',
];

/** What may stop connections before they come to this server, which cannot be seen or changed from here. */
export function beyondFindings({ files }: FirewallFacts): Finding[] {
  const text = (path: string): string | undefined => files.get(path)?.text;
  const guest =
    text(VIRTUOZZO) !== undefined && text(VIRTUOZZO_NODE) === undefined
      ? nodeFinding('an OpenVZ or Virtuozzo container', VIRTUOZZO)
      : text(HYPERVISOR)?.trim() === 'xen' && text(XEN)?.includes('control_d') !== true
        ? nodeFinding('a Xen guest', HYPERVISOR)
        : [];
  const vendor = text(VENDOR)?.trim() ?? '';
  const cloud = CLOUDS.find((name) => vendor.startsWith(name));
  return [...guest, ...(cloud === undefined ? [] : [cloudFinding(vendor)])];
}

function nodeFinding(what: string, sign: string): Finding[] {
  return [
    {
      id: 'virtual-node',
      level: 'info',
      title: `This server is ${what}: its node may filter too`,
      fact: `${sign} says so. Rules on the node and the modules that its kernel has loaded are not seen here.`,
      fix: `If connections fail although the range is open here, have the node's administrator load the modules for connection tracking (IPTABLES_MODULES="ip_conntrack ip_nat_ftp …" in ${NODE_CONF} on the node, with the quotes; then restart iptables there).`,
    },
  ];
}

function cloudFinding(vendor: string): Finding {
  return {
    id: 'cloud-firewall',
    level: 'info',
    title: 'The provider may filter before this server',
    fact: `This server runs at ${vendor}; rules of security groups or cloud firewalls are not seen here.`,
    fix: 'Open the range for TCP in the provider’s own firewall too.',
  };
}

import type { Finding } from '../core/finding.ts';
import { phrase } from '../core/phrase.ts';
import type { FirewallFacts } from './firewall.ts';
import { NODE_FILES, nodeFindings } from './node.ts';

const VENDOR = '/sys/class/dmi/id/sys_vendor';

/** Files that tell where this server runs. */
export const BEYOND_FILES: readonly string[] = [...NODE_FILES, VENDOR];

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
  const vendor = files.get(VENDOR)?.text.trim() ?? '';
  const cloud = CLOUDS.find((name) => vendor.startsWith(name));
  return [...nodeFindings(files), ...(cloud === undefined ? [] : [cloudFinding(vendor)])];
}

function cloudFinding(vendor: string): Finding {
  return {
    id: 'cloud-firewall',
    level: 'info',
    title: phrase`The provider may filter before this server`,
    fact: phrase`This server runs at ${vendor}; rules of security groups or cloud firewalls are not seen here.`,
    fix: phrase`Open the range for TCP in the provider’s own firewall too.`,
  };
}

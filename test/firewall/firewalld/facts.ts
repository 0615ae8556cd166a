import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { FileFact } from '../../../src/core/file.ts';
import { readChains } from '../../../src/firewall/chains.ts';
import type { Deed, FirewallFacts } from '../../../src/firewall/firewall.ts';
import type { SavedTables } from '../../../src/firewall/ruleset.ts';

const FIXTURES = `${import.meta.dirname}/../../fixtures/firewalld`;
export const UNIT = 'firewalld.service';

const service = (...ports: string[]): string =>
  `<service>${ports.map((port) => `<port protocol="tcp" port="${port}"/>`).join('')}</service>`;

/** What the distribution brings, as far as the scenes use it; only TCP ports matter here. */
const VENDOR: Readonly<Record<string, string>> = {
  'services/ssh': service('22'),
  'services/ftp': `<service><short>FTP</short><port protocol="tcp" port="21"/><helper name="ftp"/></service>`,
  'services/dhcpv6-client':
    '<service><port protocol="udp" port="546"/><destination ipv6="fe80::/64"/></service>',
  'services/mdns': '<service><port protocol="udp" port="5353"/></service>',
  'services/samba-client': '<service><port protocol="udp" port="137"/></service>',
  'zones/trusted': '<zone target="ACCEPT"><forward/></zone>',
  'zones/drop': '<zone target="DROP"><forward/></zone>',
  'zones/work': '<zone><service name="ssh"/></zone>',
};

export function fact(path: string, text: string): FileFact {
  return { path, text, encoding: 'utf8', tag: 'sha256:0', mtimeMs: 0 };
}

/** What is read of a server in this scene, whose firewalld runs. `changed`: files that it has beyond or otherwise. */
export function scene(name: string, changed: Readonly<Record<string, string | null>> = {}): FirewallFacts {
  const read = (file: string): string => {
    const path = `${FIXTURES}/${name}/${file}`;
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  };
  const saved = (['ip', 'ip6'] as const).map((family): SavedTables => ({
    family,
    tool: 'iptables',
    text: read(`${family}tables-save`),
  }));
  const ruleset = { nft: read('nft'), ipsets: '', saved: saved.filter(({ text }) => text !== '') };
  const texts: Record<string, string | null> = { '/etc/firewalld/firewalld.conf': 'DefaultZone=public\n' };
  for (const [path, text] of Object.entries(VENDOR)) texts[`/usr/lib/firewalld/${path}.xml`] = text;
  for (const kind of ['zones', 'services']) {
    const directory = `etc/firewalld/${kind}`;
    for (const file of readdirSync(`${FIXTURES}/${name}/${directory}`)) {
      texts[`/${directory}/${file}`] = read(`${directory}/${file}`);
    }
  }
  const files = Object.entries({ ...texts, ...changed }).map(
    ([path, text]) => [path, text === null ? null : fact(path, text)] as const,
  );
  return {
    files: new Map(files),
    chains: readChains(ruleset),
    ruleset,
    active: new Set([UNIT]),
    mainInterface: 'eth0',
    enabled: new Set([UNIT]),
  };
}

/** The commands, each as one line without the program's directory. */
export function lines(deeds: readonly Deed[], what: 'command' | 'undo' = 'command'): string[] {
  return deeds.map((deed) =>
    deed.kind === 'write' ? deed.path : deed[what].join(' ').replaceAll('/usr/bin/', ''),
  );
}

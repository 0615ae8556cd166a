import { type Files, tree } from '../files.ts';
import { BANNED, BANNED_IPV6, PORTS } from './ports.ts';

/** What firewalld makes its rules with. `iptables` is how EL7 did it. */
export type Backend = 'nftables' | 'iptables';

export const FIREWALLD_UNITS: readonly string[] = ['dbus.socket', 'firewalld.service'];

/** Settings of the real firewalld: cPanel's service in the public zone, and two bans. */
export function firewalldFiles(backend: Backend): Files {
  return {
    ...tree(`${import.meta.dirname}/firewalld`),
    '/etc/firewalld/firewalld.conf': { text: conf(backend) },
    '/etc/firewalld/services/cpanel.xml': { text: SERVICE, mode: 0o640 },
    '/etc/firewalld/zones/public.xml': { text: ZONE },
  };
}

function conf(backend: Backend): string {
  return `DefaultZone=public
CleanupOnExit=yes
CleanupModulesOnExit=no
Lockdown=no
IPv6_rpfilter=yes
IndividualCalls=no
LogDenied=off
FirewallBackend=${backend}
FlushAllOnReload=yes
RFC3964_IPv4=yes
`;
}

const SERVICE = `<?xml version="1.0" encoding="utf-8"?>
<service>
  <short>cPanel</short>
  <description>The ports of cPanel and WHM, and of what they look after.</description>
${PORTS.map((port) => `  <port port="${port}" protocol="tcp"/>\n`).join('')}  <port port="53" protocol="udp"/>
</service>
`;

const ZONE = `<?xml version="1.0" encoding="utf-8"?>
<zone>
  <short>Public</short>
  <description>For use in public areas.</description>
  <interface name="eth0"/>
  <service name="ssh"/>
  <service name="dhcpv6-client"/>
  <service name="cpanel"/>
  <rule family="ipv4">
    <source address="${BANNED}"/>
    <drop/>
  </rule>
  <rule family="ipv6">
    <source address="${BANNED_IPV6}"/>
    <drop/>
  </rule>
  <forward/>
</zone>
`;

import { phrase } from '../core/phrase.ts';

/** Which fact of the server confirms a cause. `nothing`: the log alone does, or it lies on the client's side. */
export type Want = 'reach' | 'range' | 'address' | 'nat' | 'server' | 'nothing';

/** Why passive FTP fails. `tells`: what must be so on the server, in words, for this to be the cause. */
export interface Cause {
  readonly title: string;
  readonly fix: string;
  readonly wants: Want;
  readonly tells: string;
}

const SET_UP = phrase`set up passive FTP here with ftp-passive apply`;

const cause = (wants: Want, title: string, fix: string, tells: string): Cause => ({
  wants,
  title,
  fix,
  tells,
});

/** Every cause that is known, by its name. docs/diagnosis.md lists them with their signs. */
export const CAUSES = {
  'nat-address': cause(
    'nat',
    phrase`Clients are told an address that cannot be reached from outside`,
    phrase`Let the FTP server advertise its public address: ${SET_UP}, with --public-address where WHM’s NAT map does not have it.`,
    phrase`the server is behind NAT and advertises no public address`,
  ),
  'container-address': cause(
    'nat',
    phrase`Clients are told the address of a container network`,
    phrase`Let the FTP server advertise the public address of its host, and publish the whole passive range there under the same port numbers.`,
    phrase`the server runs in a container and advertises the address that it has there`,
  ),
  'other-address': cause(
    'address',
    phrase`Clients are told another public address than the one they are connected to`,
    phrase`Compare the advertised address with the address that clients use, and set the right one: ${SET_UP}.`,
    phrase`the advertised address is not the one that clients connect to`,
  ),
  'old-address': cause(
    'address',
    phrase`Clients are told an address that this server no longer has`,
    phrase`Set the present public address and rebuild: ${SET_UP}. If WHM’s NAT map is old as well, run /usr/local/cpanel/scripts/build_cpnat first.`,
    phrase`the advertised address is in WHM’s settings but is no address of this server`,
  ),
  'sticky-setting': cause(
    'address',
    phrase`An address that was set once is still advertised`,
    phrase`Removing the line from the file local is not enough, because main has taken the value over: ${SET_UP}.`,
    phrase`WHM’s settings name an address although the server is not behind NAT`,
  ),
  'dedicated-pureftpd': cause(
    'nat',
    phrase`Pure-FTPd advertises one address for all of them, and the client uses another`,
    phrase`Let clients use EPSV, or the address that is advertised; or use ProFTPD with a MasqueradeAddress for each virtual host.`,
    phrase`Pure-FTPd runs and NAT maps both the advertised address and the one that the client uses`,
  ),
  'dedicated-proftpd': cause(
    'nat',
    phrase`The virtual host of this address does not have the server’s MasqueradeAddress`,
    phrase`Give the <VirtualHost> of this address in /etc/proftpd.conf its own MasqueradeAddress, and look again after every rebuild.`,
    phrase`ProFTPD advertises a public address for the main address but a private one here`,
  ),
  'masquerade-name': cause(
    'address',
    phrase`MasqueradeAddress is a name that leads to the wrong address`,
    phrase`Write the public address itself instead of a name: ${SET_UP}.`,
    phrase`ProFTPD’s MasqueradeAddress is a name`,
  ),
  'bad-forced-address': cause(
    'address',
    phrase`Pure-FTPd ends every session because its ForcePassiveIP is no usable address`,
    phrase`Set ForcePassiveIP to an IPv4 address, without quotes, or remove it: ${SET_UP}.`,
    phrase`ForcePassiveIP is a name that does not resolve, an IPv6 address, ~ or quoted`,
  ),
  'empty-masquerade': cause(
    'address',
    phrase`ProFTPD does not start because MasqueradeAddress is empty`,
    phrase`Remove the empty line from /etc/proftpd.conf and the key from the files main and local, check with proftpd -t, then restart.`,
    phrase`MasqueradeAddress has no value`,
  ),
  'no-hairpin': cause(
    'nat',
    phrase`The client is on the inside and is sent to the public address, which does not lead back in`,
    phrase`Test from outside, or turn on loopback (hairpin) NAT on the router; EPSV works from inside without it.`,
    phrase`the address that the client uses is a local one of this server, and the public one is advertised`,
  ),
  'data-blocked': cause(
    'reach',
    phrase`The data connection gets no answer: a firewall drops it`,
    phrase`Open the passive range in every firewall on the way: ${SET_UP}, and open it at the provider.`,
    phrase`the ports are not let in`,
  ),
  'host-firewall': cause(
    'reach',
    phrase`This server’s firewall does not let the passive ports in`,
    phrase`Open the passive range in the firewall that is in force: ${SET_UP}.`,
    phrase`the firewall here blocks the port`,
  ),
  'provider-firewall': cause(
    'reach',
    phrase`Something before this server blocks the passive ports, such as the provider’s firewall`,
    phrase`Open the passive range for TCP in the provider’s security group or firewall (port 20 is not needed), and forward it where a router does NAT.`,
    phrase`the firewall here lets the port in`,
  ),
  'range-mismatch': cause(
    'range',
    phrase`The firewall opens another range than the FTP server uses`,
    phrase`Make both the same: ${SET_UP}. cPanel’s own script opens 49152-65534 whatever is configured.`,
    phrase`only ports outside 49152-65534 are blocked`,
  ),
  'csf-drift': cause(
    'range',
    phrase`CSF’s button opened 30000-35000, and a rebuild gave the FTP server its former range back`,
    phrase`Set one range in WHM’s settings and in CSF: ${SET_UP}.`,
    phrase`CSF lets 30000-35000 in and the FTP server uses another range`,
  ),
  'rule-below-deny': cause(
    'reach',
    phrase`The rule that accepts the passive ports stands below one that denies everything`,
    phrase`Put the accept before the deny: ${SET_UP}.`,
    phrase`a rule that denies everything decides before the accept`,
  ),
  'rules-lost': cause(
    'reach',
    phrase`Rules that opened the passive ports are gone, after a boot or a rebuild of the firewall`,
    phrase`Set the rules again, so that they are saved as well: ${SET_UP}.`,
    phrase`the port was open before and is blocked now`,
  ),
  'nft-family': cause(
    'nothing',
    phrase`The nft command names a table that is not there`,
    phrase`The table is "inet filter": nft insert rule inet filter INPUT …, before the deny. Or ${SET_UP}.`,
    phrase`the server’s table is of the family inet`,
  ),
  'virtual-node': cause(
    'reach',
    phrase`The node of this virtual server lacks the kernel modules, or filters`,
    phrase`Ask the node’s administrator for the modules in /etc/sysconfig/iptables-config (IPTABLES_MODULES) on the node.`,
    phrase`the server is a guest and its own firewall lets the port in`,
  ),
  imunify: cause(
    'reach',
    phrase`Imunify360 blocks the passive ports`,
    phrase`Look at imunify360-agent blocked-port list, and allow the range there.`,
    phrase`the rule that decides is one of Imunify360`,
  ),
  'data-rejected': cause(
    'reach',
    phrase`A firewall rejects the data connection`,
    phrase`Accept the passive range before the rule that rejects: ${SET_UP}, or in the provider’s firewall.`,
    phrase`the ports are rejected`,
  ),
  'data-refused': cause(
    'address',
    phrase`The data connection is refused: nothing listens there, or a firewall resets it`,
    phrase`Compare the advertised address with the one that clients use, then look at the firewall.`,
    phrase`the advertised address is of another machine, or a rule rejects with a reset`,
  ),
  'ports-exhausted': cause(
    'range',
    phrase`All ports of the passive range are in use`,
    phrase`Make the range larger, at least two ports for each client that is allowed.`,
    phrase`the range is small`,
  ),
  'port-outside-range': cause(
    'range',
    phrase`ProFTPD has used up its passive range and takes other ports, which the firewall blocks`,
    phrase`Make PassivePorts larger, at least two ports for each client that is allowed.`,
    phrase`ProFTPD runs and the port lies outside PassivePorts`,
  ),
  'range-ignored': cause(
    'range',
    phrase`Pure-FTPd uses other ports than its settings say: it has ignored its passive range, or runs with an older file`,
    phrase`Write two numbers with one space between them and restart: ${SET_UP}.`,
    phrase`Pure-FTPd runs and the port lies outside PassivePortRange`,
  ),
  'range-syntax': cause(
    'range',
    phrase`Pure-FTPd does not start because it cannot read its settings file`,
    phrase`Correct the line that it names; the passive range is two numbers from 1024 to 65535 with one space between them, lower first.`,
    phrase`the FTP server does not run`,
  ),
  'proftpd-range-syntax': cause(
    'range',
    phrase`ProFTPD does not start because PassivePorts is wrong`,
    phrase`Write two different numbers from 1024 to 65535, lower first, without quotes; check with proftpd -t.`,
    phrase`the FTP server does not run`,
  ),
  'range-overlap': cause(
    'range',
    phrase`Ports of the passive range are used by other programs`,
    phrase`Choose a range above the kernel’s own (net.ipv4.ip_local_port_range), such as 61000-65534.`,
    phrase`the range overlaps the ports that the kernel gives to outgoing connections`,
  ),
  'setting-without-effect': cause(
    'server',
    phrase`WHM’s settings say otherwise than the FTP server does`,
    phrase`The file local is broken, its cache is old, or its keys are those of the other FTP server: ${SET_UP}.`,
    phrase`what is configured differs from what is rendered`,
  ),
  'no-global-block': cause(
    'range',
    phrase`PassivePorts is configured and cannot be rendered`,
    phrase`Add a <Global> block to /etc/proftpd.conf and rebuild.`,
    phrase`ProFTPD’s range is configured and missing in its file`,
  ),
  'tls-hides-ports': cause(
    'reach',
    phrase`The firewall follows plain FTP by reading it, which TLS prevents`,
    phrase`Open the passive range itself: ${SET_UP}. Connection tracking cannot read what is encrypted.`,
    phrase`the firewall here blocks the port`,
  ),
  'tls-session-reuse': cause(
    'server',
    phrase`The FTP server wants the data connection to resume the TLS session, and the client does not`,
    phrase`Set TLSOptions to NoSessionReuseRequired in WHM (cPanel’s default).`,
    phrase`the FTP server is ProFTPD`,
  ),
  'tls-old-pureftpd': cause(
    'server',
    phrase`TLS 1.3 of an old Pure-FTPd breaks data connections`,
    phrase`Update the package pure-ftpd; 1.0.48 and older have this fault.`,
    phrase`the FTP server is Pure-FTPd 1.0.48 or older`,
  ),
  'tls-required': cause(
    'nothing',
    phrase`The server accepts sessions with TLS only`,
    phrase`Let the client use explicit TLS (FTPES), or set TLS to optional in WHM.`,
    phrase`TLS is required in WHM’s FTP settings`,
  ),
  'tls-data-required': cause(
    'nothing',
    phrase`The server accepts encrypted data connections only`,
    phrase`Let the client protect its data connections (PROT P), or require TLS for commands only in WHM.`,
    phrase`TLS is required for commands and data in WHM’s FTP settings`,
  ),
  'pasv-on-ipv6': cause(
    'nothing',
    phrase`The client uses PASV over IPv6, where only EPSV works`,
    phrase`Let the client use EPSV, or IPv4; the range must be open in the IPv6 firewall too.`,
    phrase`the client is connected over IPv6`,
  ),
  'passive-refused': cause(
    'server',
    phrase`The server refuses passive mode`,
    phrase`Take NATmode out of /etc/pure-ftpd.conf and of the files main and local, and rebuild: with it Pure-FTPd refuses PASV and EPSV.`,
    phrase`NATmode is on`,
  ),
  'epsv-refused': cause(
    'server',
    phrase`The server refuses EPSV, the way of passive mode that works with IPv6 and needs no address`,
    phrase`Turn Broken Clients Compatibility off in WHM’s FTP Server Configuration.`,
    phrase`BrokenClientsCompatibility is on`,
  ),
  'other-source': cause(
    'nothing',
    phrase`The data connection comes from another address than the session, and the server drops it without a word`,
    phrase`It is on the client’s side: a carrier’s address pool, a split VPN or a proxy. Use another way, or SFTP. AllowUserFXP would permit it and is a risk.`,
    phrase`the same transfer works from another network`,
  ),
  'too-many-from-address': cause(
    'server',
    phrase`Too many sessions from the client’s address are still open`,
    phrase`Failed passive transfers leave them behind for up to MaxIdleTime (15 minutes): mend what makes transfers fail; a restart of the FTP server clears them.`,
    phrase`MaxClientsPerIP sessions from this address are open`,
  ),
  'server-full': cause(
    'server',
    phrase`The FTP server has as many clients as it allows`,
    phrase`Raise Maximum Connections in WHM; with ProFTPD, MaxClients in the <VirtualHost> as well.`,
    phrase`the allowed number of sessions is open`,
  ),
  'active-mode': cause(
    'nothing',
    phrase`The client uses active mode, in which the server must connect to the client`,
    phrase`Switch the client to passive mode. The ftp command of Windows cannot do passive mode; use another client.`,
    phrase`passive mode works for other clients`,
  ),
} as const satisfies Readonly<Record<string, Cause>>;

export type CauseId = keyof typeof CAUSES;

import { ADDRESS } from '../../sandbox/lab.ts';
import type { Fault } from './fault.ts';
import { curl, ftplib, lftp } from './client.ts';

const KEEP = `ForcePassiveIP: ${ADDRESS.public}\n`;
const TAKE = 'held = [socket.create_server(("", port)) for port in (61000, 61001)]';
const LIST = "session().retrlines('LIST')";

/** Rows that lie in what Pure-FTPd grants, and in what the client does. */
export const SERVER: readonly Fault[] = [
  {
    row: 13,
    what: 'all ports of a small range are taken',
    make: async ({ configure, hold, server }) => {
      await configure(`${KEEP}PassivePortRange: 61000 61001\n`);
      await hold(server, TAKE);
    },
    log: ({ client }) => curl(client),
    cause: 'ports-exhausted',
    fact: /has 61000-61001, 2 ports/,
    status: ['range-small'],
  },
  {
    row: 15,
    what: 'Pure-FTPd cannot read its range',
    make: async ({ configure, onServer }) => {
      await onServer(': >/var/log/pure-ftpd.log');
      await configure(`${KEEP}PassivePortRange: 30000-35000\n`);
    },
    log: ({ onServer }) => onServer('cat /var/log/pure-ftpd.log'),
    cause: 'range-syntax',
    fact: /does not run/,
    status: ['ftp-not-running', 'range-unreadable'],
  },
  {
    row: 16,
    what: 'Pure-FTPd runs with an older range than its file says',
    make: ({ onServer }) =>
      onServer(`sed -i 's/^PassivePortRange:.*/PassivePortRange: 30000 35000/' /var/cpanel/conf/pureftpd/*
        sed -i -E 's/^PassivePortRange.*/PassivePortRange 30000 35000/' /etc/pure-ftpd.conf
        { echo flush ruleset; nft list ruleset | sed 's/49152-65534/30000-35000/'; } | nft -f -`),
    log: ({ client }) => lftp(client),
    cause: 'range-ignored',
    fact: /is outside 30000-35000/,
    status: ['daemon-older-than-conf'],
  },
  {
    row: 26,
    what: 'TLS is required',
    make: ({ configure }) => configure(`${KEEP}TLS: 2\n`),
    log: ({ client }) => curl(client),
    cause: 'tls-required',
    status: ['tls-required'],
  },
  {
    row: 27,
    what: 'TLS is required for data, and a client does not protect it',
    make: ({ configure }) => configure(`${KEEP}TLS: 3\n`),
    log: ({ client }) => ftplib(client, "session(ftplib.FTP_TLS, context=loose).retrlines('LIST')"),
    cause: 'tls-data-required',
    status: ['tls-required'],
  },
  {
    row: 28,
    what: 'a client asks for PASV over IPv6',
    make: () => Promise.resolve(),
    log: ({ client }) =>
      ftplib(client, "ftp = session()\nftp.af = socket.AF_INET\nftp.retrlines('LIST')", ADDRESS.ipv6),
    cause: 'pasv-on-ipv6',
    status: [],
  },
  {
    row: 29,
    what: 'EPSV is switched off',
    make: ({ configure }) => configure(`${KEEP}BrokenClientsCompatibility: 'yes'\n`),
    log: ({ client }) => curl(client, []),
    cause: 'epsv-refused',
    status: ['broken-clients'],
  },
  {
    row: 29,
    what: 'passive mode is switched off',
    make: ({ configure }) => configure(`${KEEP}NATmode: 'yes'\n`),
    log: ({ client }) => curl(client, []),
    cause: 'passive-refused',
    status: ['nat-mode'],
  },
  {
    row: 31,
    what: 'sessions of the client’s address are left over',
    make: async ({ configure, hold, client }) => {
      await configure(`${KEEP}MaxClientsPerIP: 2\n`);
      await hold(client, sessions(2));
    },
    log: ({ client }) => lftp(client),
    cause: 'too-many-from-address',
    status: [],
  },
  {
    row: 32,
    what: 'as many clients are there as are allowed',
    make: async ({ configure, hold, client }) => {
      await configure(`${KEEP}MaxClientsNumber: 1\n`);
      await hold(client, sessions(1));
    },
    log: ({ client }) => ftplib(client, LIST),
    cause: 'server-full',
    status: ['server-full'],
  },
  {
    row: 33,
    what: 'a client uses active mode from behind a NAT',
    make: () => Promise.resolve(),
    log: ({ client }) => lftp(client, ['ftp:passive-mode no', 'ftp:port-ipv4 192.168.1.19']),
    cause: 'active-mode',
    status: [],
  },
  {
    row: 33,
    what: 'a client uses active mode behind a firewall',
    make: ({ onClient }) =>
      onClient(
        "nft 'add table inet own; add chain inet own input { type filter hook input priority 0; }; add rule inet own input tcp flags syn / syn,ack drop'",
      ),
    log: ({ client }) => curl(client, ['-P', '-', '--disable-eprt', '-m', '3']),
    cause: 'active-mode',
    status: [],
  },
  {
    row: 37,
    what: 'outgoing connections of the server take its passive ports',
    make: async ({ configure, hold, onServer, server }) => {
      await configure(`${KEEP}PassivePortRange: 61000 61001\n`);
      await onServer(
        'echo 61000 61001 >/proc/sys/net/ipv4/ip_local_port_range; echo >/proc/sys/net/ipv4/ip_local_reserved_ports',
      );
      await hold(server, 'held = [socket.create_connection(("10.0.0.5", 2087)) for _ in range(2)]');
    },
    log: ({ client }) => ftplib(client, LIST),
    cause: 'ports-exhausted',
    or: 'range-overlap',
    status: ['range-kernel'],
  },
];

/** So many sessions that a client has begun and not ended. */
function sessions(count: number): string {
  return `held = [socket.create_connection(("${ADDRESS.public}", 21)) for _ in range(${count})]\n[each.recv(100) for each in held]`;
}

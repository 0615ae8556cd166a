import type { Fault } from './fault.ts';
import { curl, ftplib, OBEYS } from './client.ts';
import type { World } from './world.ts';

const KEEP = 'MasqueradeAddress: 203.0.113.10\n';
/** Ports that no rule lets in, for those that the kernel chooses. */
const ELSEWHERE = 'echo 32768 40000 >/proc/sys/net/ipv4/ip_local_port_range';
const TAKE = 'held = [socket.create_server(("", port)) for port in (61000, 61001)]';
const LOGGED = ({ onServer }: World): Promise<string> => onServer('cat /var/log/proftpd.log');
const UNLOGGED = ': >/var/log/proftpd.log';

/** Rows of ProFTPD. */
export const PROFTPD: readonly Fault[] = [
  {
    row: 1,
    what: 'behind NAT clients are told the local address',
    make: async ({ edit, onServer }) => {
      await onServer(
        'rm /var/cpanel/conf/proftpd/*.cache; sed -i /MasqueradeAddress/d /var/cpanel/conf/proftpd/*',
      );
      await edit('/MasqueradeAddress/d');
    },
    log: ({ client }) => curl(client),
    cause: 'nat-address',
    fact: /behind NAT \(10\.0\.0\.5 is 203\.0\.113\.10 outside/,
    status: ['address-wrong'],
  },
  {
    row: 11,
    what: 'the section of a dedicated address tells its local one',
    make: async ({ onServer, edit }) => {
      await onServer(`ip addr replace 10.0.0.6/24 dev eth0
        echo 10.0.0.6 203.0.113.11 >>/var/cpanel/cpnat
        echo 10.0.0.6:255.255.255.0:10.0.0.255 >>/etc/ips
        sed s/%ip%/10.0.0.6/ /usr/local/cpanel/etc/ftptemplates/proftpd/stdvhostnoanon >>/etc/proftpd.conf`);
      await edit('');
    },
    log: ({ client }) => curl(client, OBEYS, '203.0.113.11'),
    cause: 'dedicated-proftpd',
    fact: /10\.0\.0\.6 is 203\.0\.113\.11 outside, and MasqueradeAddress is 203\.0\.113\.10/,
    status: ['host-address'],
  },
  {
    row: 14,
    what: 'ProFTPD takes other ports when its own are taken',
    make: async ({ configure, hold, onServer, server }) => {
      await onServer(ELSEWHERE);
      await configure(`${KEEP}PassivePorts: 61000 61001\n`);
      await hold(server, TAKE);
    },
    log: ({ client }) => curl(client),
    cause: 'port-outside-range',
    fact: /is outside 61000-61001, the range of proftpd/,
    status: ['range-taken'],
  },
  {
    row: 17,
    what: 'ProFTPD cannot read its ports, and cPanel puts its file aside',
    make: async ({ configure, onServer }) => {
      await onServer(UNLOGGED);
      await configure(`${KEEP}PassivePorts: 30000-35000\n`);
    },
    log: LOGGED,
    cause: 'proftpd-range-syntax',
    status: ['conf-set-aside'],
  },
  {
    row: 18,
    what: 'an address without a value keeps ProFTPD from starting',
    make: async ({ configure, onServer }) => {
      await onServer(`${UNLOGGED}; sed -i /MasqueradeAddress/d /etc/proftpd.conf`);
      await configure('MasqueradeAddress: ~\n');
    },
    log: LOGGED,
    cause: 'empty-masquerade',
    status: ['conf-empty-directive'],
  },
  {
    row: 19,
    what: 'the address is a name that leads to the local one',
    make: ({ configure }) => configure('MasqueradeAddress: server.example.com\n'),
    log: ({ client }) => curl(client),
    cause: 'masquerade-name',
    fact: /MasqueradeAddress is the name server\.example\.com/,
    status: ['address-host-name'],
  },
  {
    row: 22,
    what: 'there is no <Global> for the ports',
    make: async ({ configure, onServer }) => {
      await onServer(ELSEWHERE);
      await onServer("sed -i -E '/<.?Global>|PassivePorts/d' /etc/proftpd.conf");
      await configure(`${KEEP}PassivePorts: 49152 65534\n`);
    },
    log: ({ client }) => curl(client),
    cause: 'no-global-block',
    fact: /is outside 49152-65534/,
    status: ['conf-no-global'],
  },
  {
    row: 24,
    what: 'data must resume the TLS session, and a client does not',
    make: ({ edit }) => edit('/TLSOptions/d'),
    log: ({ client }) =>
      ftplib(client, "ftp = session(ftplib.FTP_TLS, context=loose)\nftp.prot_p()\nftp.retrlines('LIST')"),
    cause: 'tls-session-reuse',
    status: ['tls-session-reuse'],
  },
  {
    row: 26,
    what: 'TLS is required',
    make: ({ configure }) => configure(`${KEEP}TLSRequired: 'on'\n`),
    log: ({ client }) => curl(client),
    cause: 'tls-required',
    status: ['tls-required'],
  },
  {
    row: 32,
    what: 'as many clients are there as are allowed',
    make: async ({ edit, hold, client }) => {
      await edit('1i MaxClients 1');
      await hold(
        client,
        'import ftplib\nheld = ftplib.FTP("203.0.113.10")\nheld.login("alice", "sandbox-alice")',
      );
    },
    log: ({ client }) => ftplib(client, "session().retrlines('LIST')"),
    cause: 'server-full',
    status: ['server-full'],
  },
];

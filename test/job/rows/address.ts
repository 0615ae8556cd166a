import type { Fault } from './fault.ts';
import { curl, ftplib, lftp, OBEYS } from './client.ts';

const OLD = '198.51.100.77';

/** Rows that lie in the address that Pure-FTPd tells. */
export const ADDRESSES: readonly Fault[] = [
  {
    row: 1,
    what: 'behind NAT clients are told the local address',
    make: ({ configure }) => configure('ForcePassiveIP: ~\n'),
    log: ({ client }) => curl(client),
    cause: 'nat-address',
    fact: /behind NAT \(10\.0\.0\.5 is 203\.0\.113\.10 outside/,
    status: ['address-wrong'],
  },
  {
    row: 10,
    what: 'one address is told on all of several',
    make: ({ onServer }) =>
      onServer(`ip addr add 10.0.0.6/24 dev eth0
        echo 10.0.0.6 203.0.113.11 >>/var/cpanel/cpnat
        echo 10.0.0.6:255.255.255.0:10.0.0.255 >>/etc/ips`),
    log: ({ client }) => curl(client, OBEYS, '203.0.113.11'),
    cause: 'dedicated-pureftpd',
    fact: /203\.0\.113\.10 and 203\.0\.113\.11 are both addresses of this server/,
    status: ['dedicated-pasv'],
  },
  {
    row: 12,
    what: 'the address is a name that leads nowhere',
    make: ({ edit, onServer }) =>
      onServer(
        "sed -i 's/^ForcePassiveIP:.*/ForcePassiveIP: gone.invalid/' /var/cpanel/conf/pureftpd/*",
      ).then(() => edit('s/^ForcePassiveIP.*/ForcePassiveIP gone.invalid/')),
    log: ({ client }) => lftp(client),
    cause: 'bad-forced-address',
    fact: /says gone\.invalid/,
    status: ['address-host-name'],
  },
  {
    row: 20,
    what: 'the file of settings is broken, and cPanel passes over it',
    make: async ({ configure }) => {
      await configure('ForcePassiveIP: ~\n');
      await configure('TLS: 1\n  ForcePassiveIP: 203.0.113.10\n');
    },
    log: ({ client }) => curl(client),
    cause: 'setting-without-effect',
    fact: /203\.0\.113\.10/,
    status: ['store-broken'],
  },
  {
    row: 21,
    what: 'NAT is gone, and an address that was set once stays',
    make: async (world) => {
      await withoutNat(world);
      await world.configure(`ForcePassiveIP: ${OLD}\n`);
      await world.configure('# Nothing is set here any more.\n');
    },
    log: ({ client }) => curl(client),
    cause: 'sticky-setting',
    fact: /advertises 198\.51\.100\.77/,
    status: ['address-former'],
  },
  {
    row: 30,
    what: 'the data connection comes from another address',
    make: ({ onClient }) => onClient('ip addr add 198.51.100.21/24 dev eth0'),
    log: ({ client }) =>
      ftplib(client, "ftp = session()\nftp.source_address = ('198.51.100.21', 0)\nftp.retrlines('LIST')"),
    cause: 'other-source',
    status: [],
  },
  {
    row: 34,
    what: 'the public address has changed, and the settings have not',
    make: ({ edit, onServer }) =>
      onServer(`sed -i 's/^ForcePassiveIP:.*/ForcePassiveIP: ${OLD}/' /var/cpanel/conf/pureftpd/*`).then(() =>
        edit(`s/^ForcePassiveIP.*/ForcePassiveIP ${OLD}/`),
      ),
    log: ({ client }) =>
      ftplib(client, "ftp = session()\nftp.trust_server_pasv_ipv4_address = True\nftp.retrlines('LIST')"),
    cause: 'old-address',
    status: ['address-former', 'address-wrong'],
  },
  {
    row: 35,
    what: 'a client on the server is sent to the public address',
    make: () => Promise.resolve(),
    log: ({ server }) => curl(server, OBEYS, '10.0.0.5'),
    cause: 'no-hairpin',
    fact: /10\.0\.0\.5 is the local address of 203\.0\.113\.10/,
    status: [],
  },
  {
    row: 36,
    what: 'the server is a container',
    make: async ({ onServer, onRouter, configure }) => {
      await onRouter('ip addr replace 172.17.0.1/24 dev lan; nft flush chain ip one_to_one prerouting');
      await onRouter(
        'nft add rule ip one_to_one prerouting iifname wan ip daddr 203.0.113.10 dnat to 172.17.0.2',
      );
      await onServer(`ip addr replace 172.17.0.2/24 dev eth0
        echo 172.17.0.2 >/var/cpanel/mainip
        rm /var/cpanel/cpnat
        : >/.dockerenv`);
      await configure('ForcePassiveIP: ~\n');
    },
    log: ({ client }) => curl(client),
    cause: 'container-address',
    fact: /WHM knows of no public one/,
    status: ['container'],
  },
];

/** The server has its public address itself. */
async function withoutNat({ onServer, onRouter }: Parameters<Fault['make']>[0]): Promise<void> {
  await onRouter('nft delete table ip one_to_one; ip route replace 203.0.113.10 via 10.0.0.5');
  await onServer(`ip addr replace 203.0.113.10/32 dev eth0
    echo 203.0.113.10 >/var/cpanel/mainip
    rm /var/cpanel/cpnat`);
}

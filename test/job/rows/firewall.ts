import type { Fault } from './fault.ts';
import { curl, ftplib, lftp } from './client.ts';
import type { World } from './world.ts';

const RANGE = '49152-65534';
const BLOCKED = ['range-blocked-ipv4'];
const CLOSED = '/ftp-passive/d';
const SILENT = 's/reject with icmpx.*/drop/';
/** What the provider's router does to what it forwards to the server. */
const provider = (verdict: string): string =>
  `nft 'add table inet provider; add chain inet provider forward { type filter hook forward priority 0; }; add rule inet provider forward oifname "lan" tcp dport ${RANGE} ${verdict}'`;

/** Changes the rules in force, with an expression of sed over their listing. */
function rules({ onServer }: World, expression: string): Promise<string> {
  return onServer(`{ echo flush ruleset; nft list ruleset | sed -E '${expression}'; } | nft -f -`);
}

/** What the machine’s own hardware would say, which a machine of the sandbox does not have. */
function hardware({ onServer }: World, path: string, text: string): Promise<string> {
  const file = `/sys/${path}`;
  return onServer(`mount -t tmpfs tmpfs /sys; mkdir -p $(dirname ${file}); echo '${text}' >${file}`);
}

/** Rows that lie in the firewall of the server, or before it. */
export const FIREWALL: readonly Fault[] = [
  {
    row: 2,
    what: 'the firewall here drops the range',
    make: (world) => rules(world, `${CLOSED}; ${SILENT}`),
    log: ({ client }) => lftp(client),
    cause: 'host-firewall',
    fact: /firewall here \(nftables\) drops 49152-65534 over IPv4, by: /,
    status: BLOCKED,
  },
  {
    row: 2,
    what: 'the firewall here drops the range over IPv6 only',
    make: ({ onServer }) =>
      onServer(`nft insert rule inet filter INPUT meta nfproto ipv6 tcp dport ${RANGE} drop`),
    log: ({ client }) => curl(client, [], '[2001:db8:1::10]'),
    cause: 'host-firewall',
    fact: /drops 49152-65534 over IPv6/,
    status: ['range-blocked-ipv6'],
  },
  {
    row: 3,
    what: 'the provider’s firewall drops the range',
    make: async (world) => {
      await world.onRouter(provider('drop'));
      await hardware(world, 'class/dmi/id/sys_vendor', 'Amazon EC2');
    },
    log: ({ client }) => ftplib(client, "session().retrlines('LIST')"),
    cause: 'provider-firewall',
    fact: /lets port \d+ in over IPv4, so this server is right now.*Amazon EC2/,
    status: ['cloud-firewall'],
  },
  {
    row: 3,
    what: 'a router drops the range, and nothing here tells of one',
    make: ({ onRouter }) => onRouter(provider('drop')),
    log: ({ client }) => lftp(client),
    cause: 'provider-firewall',
    status: [],
  },
  {
    row: 5,
    what: 'the ports are moved, and the firewall is not',
    make: ({ configure }) => configure('PassivePortRange: 30000 49153\nForcePassiveIP: 203.0.113.10\n'),
    log: ({ client }) => lftp(client),
    cause: 'range-mismatch',
    fact: /30000-49151 over IPv4/,
    status: ['range-wrong'],
  },
  {
    row: 6,
    what: 'the rule is added to a table that is not there',
    make: (world) => rules(world, CLOSED),
    log: async ({ server }) => {
      const { stderr } = await server.run([
        ...['nft', 'add', 'rule', 'filter', 'INPUT', 'tcp', 'dport', RANGE, 'accept'],
      ]);
      return stderr;
    },
    cause: 'nft-family',
    status: BLOCKED,
  },
  {
    row: 7,
    what: 'the accept stands below the deny, in a listing of the rules',
    make: belowDeny,
    log: ({ onServer }) => onServer('nft list chain inet filter INPUT'),
    cause: 'rule-below-deny',
    fact: /rejects 49152-65534 over IPv4/,
    status: BLOCKED,
  },
  {
    row: 7,
    what: 'the accept stands below the deny, in the log of a client',
    make: belowDeny,
    log: ({ client }) => curl(client),
    cause: 'host-firewall',
    or: 'rule-below-deny',
    fact: /rejects 49152-65534 over IPv4, by: /,
    status: BLOCKED,
  },
  {
    row: 8,
    what: 'the firewall is built anew without the rule',
    before: ({ client }) => lftp(client),
    make: (world) => rules(world, `${CLOSED}; ${SILENT}`),
    log: ({ client }) => lftp(client),
    cause: 'rules-lost',
    status: BLOCKED,
  },
  {
    row: 8,
    what: 'a boot loads rules in which the accept was never saved',
    before: ({ client }) => curl(client),
    make: async ({ onServer, sandbox }) => {
      await onServer("sed -i '/ftp-passive/d' /etc/sysconfig/nftables.conf");
      await sandbox.reboot();
    },
    log: ({ client }) => curl(client),
    cause: 'rules-lost',
    fact: /rejects 49152-65534 over IPv4/,
    status: [...BLOCKED, 'boot-blocked'],
  },
  {
    row: 9,
    what: 'a rule here resets the data connection',
    make: ({ onServer }) =>
      onServer(`nft insert rule inet filter INPUT tcp dport ${RANGE} reject with tcp reset`),
    log: ({ client }) => ftplib(client, "session().retrlines('LIST')"),
    cause: 'host-firewall',
    fact: /rejects 49152-65534 over IPv4, by: .*tcp reset/,
    status: BLOCKED,
  },
  {
    row: 9,
    what: 'a router resets the data connection',
    make: ({ onRouter }) => onRouter(provider('reject with tcp reset')),
    log: ({ client }) => curl(client),
    cause: 'data-refused',
    fact: /lets port \d+ in/,
    status: [],
  },
  {
    row: 23,
    what: 'connection tracking opens what it can read',
    make: async (world) => {
      await rules(world, CLOSED);
      await world.onServer(
        `nft 'add ct helper inet filter ftp { type "ftp" protocol tcp; }; add chain inet filter helped { type filter hook prerouting priority 0; }; add rule inet filter helped tcp dport 21 ct helper set "ftp"'`,
      );
    },
    log: async ({ client }) =>
      (await lftp(client, ['ftp:prefer-epsv yes', 'ftp:ssl-allow no'])) +
      (await lftp(client, ['ftp:prefer-epsv yes'])),
    cause: 'tls-hides-ports',
    status: BLOCKED,
  },
  {
    row: 38,
    what: 'the node of a guest drops the range',
    make: async (world) => {
      await world.onRouter(provider('drop'));
      await hardware(world, 'hypervisor/type', 'xen');
    },
    log: ({ client }) => lftp(client),
    cause: 'provider-firewall',
    or: 'virtual-node',
    fact: /so this server is right now.*\/sys\/hypervisor\/type says so/,
    status: ['virtual-node'],
  },
  {
    row: 39,
    what: 'Imunify360 drops the ports that it does not list',
    make: async ({ onServer }) => {
      const path = '/etc/sysconfig/imunify360/imunify360-merged.config';
      await onServer(`mkdir -p $(dirname ${path}); printf 'FIREWALL:\\n  port_blocking_mode: DENY\\n' >${path}
        nft 'add chain inet filter INPUT_imunify360; add rule inet filter INPUT_imunify360 tcp dport ${RANGE} drop; insert rule inet filter INPUT jump INPUT_imunify360'`);
    },
    log: ({ client }) => curl(client),
    cause: 'imunify',
    fact: /imunify360/,
    status: ['imunify-deny'],
  },
];

async function belowDeny(world: World): Promise<void> {
  await rules(world, CLOSED);
  await world.onServer(`nft add rule inet filter INPUT tcp dport ${RANGE} accept`);
}

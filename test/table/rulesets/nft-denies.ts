import { BANNED, OFFICE, type Entry } from '../entry.ts';
import { ACCEPT, base, beside, chain, debian, DROP, redhat, table, USUAL, WHM_PORTS } from './parts.ts';

const PORTS = `tcp dport { ${WHM_PORTS} } accept`;
const REJECT = 'reject with icmpx type admin-prohibited';
const eachPort = (rule: (port: string) => string): string[] => WHM_PORTS.split(', ').map(rule);

/** Rulesets of nftables that deny the range because they deny whatever they do not name. */
export const NFT_DENIES: readonly Entry[] = [
  {
    name: 'policy drop, with the open ports in one rule',
    ...redhat(table('inet filter', chain('input', DROP, ...USUAL, PORTS))),
    expected: 'opens',
  },
  {
    name: 'a final reject, saved in the way of Debian',
    ...debian(table('inet filter', chain('input', ACCEPT, ...USUAL, PORTS, REJECT))),
    expected: 'opens',
  },
  {
    name: 'chains below INPUT as WHM lays them out, with bans for some time above the final reject',
    ...redhat(
      table(
        'inet filter',
        '\tset cphulk-TempBan {\n\t\ttype ipv4_addr\n\t\tflags timeout\n\t\telements = { 198.51.100.66 timeout 1d }\n\t}',
        chain('cPanel-HostAccessControl'),
        chain('cphulk', 'ip saddr @cphulk-TempBan drop'),
        chain('cP-Firewall-1-INPUT', ...eachPort((port) => `ct state new tcp dport ${port} counter accept`)),
        chain(
          'INPUT',
          ACCEPT,
          ...USUAL,
          'ip6 saddr 2001:db8:2::66 drop',
          'jump cphulk',
          'jump cPanel-HostAccessControl',
          'jump cP-Firewall-1-INPUT',
          REJECT,
        ),
        chain('FORWARD', base('forward', 'filter', 'accept')),
        chain('OUTPUT', base('output', 'filter', 'accept')),
      ),
    ),
    known: BANNED,
    expected: 'opens',
  },
  {
    name: 'a final reject inside a chain that INPUT goes to',
    ...redhat(
      table(
        'inet filter',
        chain('RH-Firewall-1-INPUT', ...USUAL, PORTS, 'counter', REJECT),
        chain('INPUT', ACCEPT, 'goto RH-Firewall-1-INPUT'),
      ),
    ),
    expected: 'opens',
  },
  {
    name: 'a verdict map in the rule itself',
    ...debian(
      table(
        'inet filter',
        chain(
          'input',
          DROP,
          ...USUAL,
          `tcp dport vmap { ${eachPort((port) => `${port} : accept`).join(', ')} }`,
        ),
      ),
    ),
    expected: 'opens',
  },
  {
    name: 'a named verdict map that leads to chains',
    ...redhat(
      table(
        'inet filter',
        chain('mail', 'accept'),
        chain('web', 'tcp dport 8443 return', 'accept'),
        '\tmap services {\n\t\ttype inet_service : verdict\n\t\tflags interval\n\t\telements = { 21-22 : accept, 25 : jump mail, 80 : goto web, 8000-8999 : goto web, 2087 : accept }\n\t}',
        chain('input', DROP, ...USUAL, 'tcp dport vmap @services'),
      ),
    ),
    expected: 'opens',
  },
  {
    name: 'the open ports and the banned addresses in named sets',
    ...redhat(
      table(
        'inet filter',
        '\tset open_ports {\n\t\ttype inet_service\n\t\tflags interval\n\t\telements = { 20-22, 80, 443, 2080-2096 }\n\t}',
        '\tset banned {\n\t\ttype ipv4_addr\n\t\tflags interval\n\t\telements = { 198.51.100.64-198.51.100.67 }\n\t}',
        '\tset banned6 {\n\t\ttype ipv6_addr\n\t\tflags interval\n\t\telements = { 2001:db8:2::60/124 }\n\t}',
        chain(
          'input',
          DROP,
          ...USUAL,
          'ip saddr @banned drop',
          'ip6 saddr @banned6 counter drop',
          'tcp dport @open_ports accept',
        ),
      ),
    ),
    known: BANNED,
    expected: 'opens',
  },
  {
    name: 'two base chains that both deny',
    ...redhat(
      table('inet filter', chain('input', DROP, ...USUAL, PORTS)),
      table(
        'inet guard',
        chain('early', base('input', '-10', 'accept'), ...USUAL, 'tcp dport 1-10000 accept', 'counter drop'),
      ),
    ),
    expected: 'opens',
  },
  {
    name: 'two base chains of which only the later one denies',
    ...redhat(
      table('inet passive', chain('input', ACCEPT, 'tcp dport 49152-65534 accept')),
      table('inet filter', chain('input', base('input', '10', 'drop'), ...USUAL, PORTS)),
    ),
    expected: 'opens',
  },
  {
    name: 'all new connections but a few stopped before they are tracked',
    ...redhat(
      table(
        'inet raw',
        chain(
          'prerouting',
          base('prerouting', 'raw', 'accept'),
          'iif "lo" accept',
          `tcp dport { ${WHM_PORTS} } accept`,
          'tcp flags & (fin | syn | rst | ack) == syn drop',
        ),
      ),
    ),
    expected: 'opens',
  },
  {
    name: 'all new connections but a few stopped at the mangle priority, below a policy of accept',
    ...redhat(
      table(
        'inet mangle',
        chain(
          'prerouting',
          base('prerouting', 'mangle', 'accept'),
          ...USUAL,
          `tcp dport { ${WHM_PORTS} } accept`,
          'ct state new meta l4proto tcp drop',
        ),
      ),
      table('inet filter', chain('input', ACCEPT, 'ct state invalid drop')),
    ),
    expected: 'opens',
  },
  {
    name: 'prerouting and input both with policy drop',
    ...debian(
      table(
        'inet early',
        chain('prerouting', base('prerouting', 'mangle', 'drop'), ...USUAL, 'udp dport 53 accept', PORTS),
      ),
      table('inet filter', chain('input', DROP, ...USUAL, PORTS)),
    ),
    expected: 'opens',
  },
  {
    name: 'a filter for IPv4 alone',
    ...redhat(table('ip filter', chain('INPUT', DROP, ...USUAL, PORTS))),
    expected: 'opens',
  },
  {
    name: 'a filter for IPv6 alone',
    ...redhat(
      table('ip6 filter', chain('INPUT', ACCEPT, ...USUAL, PORTS, 'reject with icmpv6 admin-prohibited')),
    ),
    expected: 'opens',
  },
  {
    name: 'a table a family, of which each denies in its own way',
    ...redhat(
      table(
        'ip filter',
        chain(
          'INPUT',
          ACCEPT,
          ...USUAL,
          'ip saddr 198.51.100.66 drop',
          PORTS,
          'reject with icmp type host-prohibited',
        ),
      ),
      table('ip6 filter', chain('INPUT', DROP, ...USUAL, PORTS)),
    ),
    known: BANNED.slice(0, 1),
    expected: 'opens',
  },
  {
    name: 'a server without IPv6, with rules for both families',
    ...redhat(table('inet filter', chain('input', DROP, ...USUAL, PORTS))),
    families: ['ipv4'],
    expected: 'opens',
  },
  {
    name: 'the range for the office alone',
    ...redhat(
      table(
        'inet filter',
        chain(
          'input',
          DROP,
          ...USUAL,
          PORTS,
          'ip saddr 198.51.100.24/29 tcp dport 49152-65534 accept',
          'ip6 saddr 2001:db8:2::30 tcp dport 49152-65534 accept',
        ),
      ),
    ),
    known: OFFICE,
    expected: 'opens',
  },
  {
    name: 'the range on the private interface alone',
    ...debian(
      table(
        'inet filter',
        chain(
          'input',
          DROP,
          ...USUAL,
          PORTS,
          'iifname "eth1" tcp dport 49152-65534 accept',
          'iif "eth1" tcp dport 3306 accept',
          'iifname "eth0" tcp dport 10000-10010 accept',
        ),
      ),
    ),
    expected: 'opens',
  },
  {
    name: 'half of the range is open already',
    ...redhat(
      table(
        'inet filter',
        chain('input', DROP, ...USUAL, PORTS, 'tcp dport 49152-57343 accept', 'tcp dport 65000 accept'),
      ),
    ),
    expected: 'opens',
  },
  {
    name: "Red Hat's own file, which includes the one with the rules",
    ...beside(
      redhat(
        '# Uncomment the include statement here to load the default config sample\ninclude "/etc/nftables/main.nft"\n',
      ),
      {
        '/etc/nftables/main.nft': {
          text: `flush ruleset\n\n${table('inet nftables_svc', '\tset allowed_tcp_dports {\n\t\ttype inet_service\n\t\telements = { ssh, 21, 2087 }\n\t}', chain('allow', 'ct state established,related accept', 'meta l4proto { icmp, ipv6-icmp } accept', 'tcp dport @allowed_tcp_dports accept'), chain('INPUT', base('input', 'filter + 20', 'accept'), 'iifname "lo" accept', 'jump allow', 'reject with icmpx port-unreachable'))}`,
          mode: 0o600,
        },
      },
    ),
    expected: 'opens',
  },
  {
    name: 'a file as people write it, with definitions and comments',
    ...debian(`define WAN = eth0
define OPEN = { 21, 22, 2087 }   # the panel too

table inet filter {
  chain input {
    type filter hook input priority 0; policy drop;
    iif lo accept; ct state { established, related } accept
    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert } accept
    iifname $WAN tcp dport $OPEN ct state new accept comment "what { people } use; # all of it"
    log prefix "denied: " flags all limit rate 5/minute
    counter comment "denied"
  }
}
`),
    expected: 'opens',
  },
];

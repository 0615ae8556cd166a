import { BANNED, OFFICE, type Entry } from '../entry.ts';
import { ACCEPT, base, chain, debian, DROP, redhat, table, USUAL, WHM_PORTS } from './parts.ts';

const PORTS = `tcp dport { ${WHM_PORTS} } accept`;

/** Rulesets of nftables that decide by maps, by pairs, and by what is not about ports. */
export const NFT_MATCHES: readonly Entry[] = [
  {
    name: 'maps of states and of interfaces, each with a chain of its own',
    ...debian(
      table(
        'inet filter',
        chain(
          'public',
          'icmp type echo-request limit rate 5/second accept',
          'meta l4proto ipv6-icmp accept',
          'tcp dport { 21, 22, 2087 } accept',
        ),
        chain('private', 'tcp dport 3306 accept', 'tcp dport 49152-65534 accept'),
        chain(
          'input',
          DROP,
          'ct state vmap { established : accept, related : accept, invalid : drop }',
          'iifname vmap { "lo" : accept, "eth0" : jump public, "eth1" : jump private }',
        ),
      ),
    ),
    expected: 'opens',
  },
  {
    name: 'pairs of protocol and port in one map, and of address and port in a set',
    ...redhat(
      table(
        'inet filter',
        '\tset allowed {\n\t\ttype ipv4_addr . inet_service\n\t\tflags interval\n\t\telements = { 198.51.100.24/29 . 49152-65534, 198.51.100.30 . 3306 }\n\t}',
        chain(
          'input',
          DROP,
          ...USUAL,
          'meta l4proto . th dport vmap { tcp . 21 : accept, tcp . 22 : accept, udp . 53 : accept, tcp . 2080-2090 : accept }',
          'ip saddr . tcp dport @allowed accept',
        ),
      ),
    ),
    known: OFFICE,
    expected: 'opens',
  },
  {
    name: 'a drop of all ports from 1024 on, which means no port in particular',
    ...redhat(table('inet filter', chain('input', ACCEPT, ...USUAL, PORTS, 'tcp dport 1024-65535 drop'))),
    expected: 'opens',
  },
  {
    name: 'protocols by the headers of each family, and clients by their ports',
    ...redhat(
      table(
        'inet filter',
        chain(
          'input',
          DROP,
          ...USUAL,
          'ip protocol tcp tcp sport 1024-65535 tcp dport { 21, 22, 2087 } accept',
          'ip6 nexthdr tcp tcp sport 1024-65535 tcp dport { 21, 22, 2087 } accept',
          'meta nfproto ipv6 tcp dport 8443 accept',
          'ip ttl < 2 drop',
        ),
      ),
    ),
    expected: 'opens',
  },
  {
    name: 'bans before connections are tracked, and others in a chain at the very end',
    ...debian(
      table(
        'inet early',
        chain('prerouting', base('prerouting', '-450', 'accept'), 'ip saddr 198.51.100.66 drop'),
      ),
      table('inet filter', chain('input', DROP, ...USUAL, PORTS)),
      table('inet late', chain('input', base('input', '300', 'accept'), 'ip6 saddr 2001:db8:2::66 reject')),
    ),
    known: BANNED,
    expected: 'opens',
  },
  {
    name: 'rules that only count and log, above a policy of drop that has no rule for it',
    ...redhat(
      table(
        'inet filter',
        '\tcounter denied {\n\t}',
        chain(
          'input',
          DROP,
          ...USUAL,
          PORTS,
          'meta l4proto tcp log prefix "in: " group 1',
          'counter name "denied"',
          'meta mark set 0x1',
        ),
      ),
    ),
    expected: 'opens',
  },
];

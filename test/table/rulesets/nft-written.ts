import { ACCEPT, base, beside, chain, debian, DROP, redhat, table, USUAL, WHM_PORTS } from './parts.ts';
import type { Entry } from '../entry.ts';

const PORTS = `tcp dport { ${WHM_PORTS} } accept`;
const filter = (...rules: readonly string[]): string =>
  table('inet filter', chain('input', DROP, ...USUAL, PORTS, ...rules));

/** Rulesets of nftables in the ways in which people write them down, and less usual places that deny. */
export const NFT_WRITTEN: readonly Entry[] = [
  {
    name: 'a file of commands, a line a rule',
    ...debian(
      [
        'add table inet filter',
        `add chain inet filter input { ${DROP} }`,
        ...[...USUAL, PORTS].map((rule) => `add rule inet filter input ${rule}`),
        '',
      ].join('\n'),
    ),
    expected: 'opens',
  },
  {
    name: 'a file that takes its table away before it makes it',
    ...redhat('table inet filter\ndelete table inet filter\n', filter()),
    expected: 'opens',
  },
  {
    name: 'a file that includes all files of a directory',
    ...beside(debian('include "/etc/nftables.d/*.nft"\n'), {
      '/etc/nftables.d/10-sets.nft': { text: 'define PANEL = { 21, 22, 2087 }\n' },
      '/etc/nftables.d/20-filter.nft': {
        text: table('inet filter', chain('input', DROP, ...USUAL, 'tcp dport $PANEL accept')),
      },
    }),
    expected: 'opens',
  },
  {
    name: 'a chain in two blocks of the file',
    ...redhat(
      table('inet filter', chain('input', ACCEPT, ...USUAL)),
      table('inet filter', chain('input', PORTS, 'reject with icmpx type port-unreachable')),
    ),
    expected: 'opens',
  },
  {
    name: 'policy drop on the interface itself, with a few ports let through',
    ...redhat(
      table(
        'netdev wire',
        chain(
          'early',
          'type filter hook ingress device "eth0" priority -500; policy drop;',
          'meta protocol arp accept',
          'meta l4proto { icmp, ipv6-icmp, udp } accept',
          'tcp flags & (syn | ack) != syn accept',
          'tcp dport { 21, 22, 2087 } accept',
        ),
      ),
    ),
    expected: 'opens',
  },
  {
    name: 'a drop of all ports but a few in one rule',
    ...redhat(table('inet filter', chain('input', ACCEPT, ...USUAL, `tcp dport != { ${WHM_PORTS} } drop`))),
    expected: 'opens',
  },
  {
    name: 'a reject of all new connections, whatever their port, after the ports that are open',
    ...debian(
      table(
        'inet filter',
        chain(
          'input',
          ACCEPT,
          ...USUAL,
          PORTS,
          'tcp flags & (fin | syn | rst | ack) == syn counter reject with tcp reset',
        ),
      ),
    ),
    expected: 'opens',
  },
  {
    name: 'two chains of one table, of which the later takes what the earlier marks',
    ...redhat(
      table(
        'inet filter',
        chain(
          'tag',
          base('prerouting', 'mangle', 'accept'),
          'tcp dport { 21, 22, 2087 } meta mark set 0x10',
          'ct mark set meta mark',
        ),
        chain('input', DROP, ...USUAL, 'meta mark 0x10 accept'),
      ),
    ),
    expected: 'opens',
  },
  {
    name: 'a port of the range that is led to another one',
    ...redhat(
      table(
        'inet nat',
        chain('prerouting', 'type nat hook prerouting priority dstnat;', 'tcp dport 50500 redirect to :21'),
      ),
      filter(),
    ),
    expected: 'opens',
  },
  {
    name: 'a filter by country, which lets nobody in from elsewhere',
    ...redhat(
      table(
        'inet filter',
        '\tset country {\n\t\ttype ipv4_addr\n\t\tflags interval\n\t\telements = { 198.51.100.24/29, 192.0.2.0/24 }\n\t}',
        chain('input', DROP, ...USUAL, 'tcp dport { 80, 443 } accept', 'ip saddr != @country drop', PORTS),
      ),
    ),
    expected: { refuses: /ip saddr != @country drop/ },
  },
  {
    name: 'a way out that lets answers through by their ports alone',
    ...redhat(
      filter(),
      table(
        'inet out',
        chain(
          'output',
          base('output', 'filter', 'drop'),
          'oif "lo" accept',
          'meta l4proto { icmp, ipv6-icmp } accept',
          'tcp sport { 21, 22, 2087 } accept',
        ),
      ),
    ),
    expected: { refuses: /output/ },
  },
];

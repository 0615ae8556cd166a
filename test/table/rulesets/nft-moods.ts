import { BANNED, type Entry } from '../entry.ts';
import { ACCEPT, base, chain, debian, DROP, redhat, table, USUAL, WHM_PORTS } from './parts.ts';

const PORTS = `tcp dport { ${WHM_PORTS} } accept`;
const CLOSED = table('inet filter', chain('input', DROP, ...USUAL, PORTS));
const { files: REDHAT_FILES } = redhat(CLOSED);

/** Rulesets of nftables that look at more than ports, and rules that live in other places than one saved file. */
export const NFT_MOODS: readonly Entry[] = [
  {
    name: 'checks of flags, states and the way back before the ports are looked at',
    ...redhat(
      table(
        'inet filter',
        chain(
          'odd',
          'tcp flags & (fin | syn) == fin | syn drop',
          'tcp flags & (fin | syn | rst | psh | ack | urg) == 0x0 drop',
          'tcp flags & (fin | syn | rst | ack) != syn ct state new drop',
        ),
        chain(
          'input',
          DROP,
          'ct state invalid counter drop',
          'meta l4proto tcp jump odd',
          ...USUAL,
          'tcp dport 22 ct state new limit rate 200/second burst 500 packets accept',
          PORTS,
        ),
        chain('rpfilter', base('prerouting', 'raw', 'accept'), 'fib saddr . iif oif missing drop'),
      ),
    ),
    expected: 'opens',
  },
  {
    name: 'a limit to new connections from all, above the ports',
    ...debian(
      table(
        'inet filter',
        chain(
          'input',
          DROP,
          ...USUAL,
          'ct state new limit rate over 40/second burst 40 packets drop',
          'tcp dport { 21, 22, 80, 2087 } accept',
        ),
      ),
    ),
    paceMs: 30,
    expected: 'opens',
  },
  {
    name: 'new connections counted a source, above the ports',
    ...redhat(
      table(
        'inet filter',
        '\tset counted {\n\t\ttype ipv4_addr\n\t\tsize 65535\n\t\tflags dynamic\n\t}',
        chain(
          'input',
          DROP,
          ...USUAL,
          'tcp dport { 22, 80 } ct state new update @counted { ip saddr limit rate over 500/second burst 1000 packets } drop',
          PORTS,
        ),
      ),
    ),
    expected: 'opens',
  },
  {
    name: 'a way out that lets only answers through',
    ...redhat(
      CLOSED,
      table(
        'inet out',
        chain(
          'output',
          base('output', 'filter', 'drop'),
          'oif "lo" accept',
          'ct state established,related accept',
          'meta l4proto { icmp, ipv6-icmp } accept',
          'udp dport 53 accept',
          'tcp dport { 25, 80, 443 } accept',
        ),
      ),
    ),
    expected: 'opens',
  },
  {
    name: "fail2ban's own table with a banned address, before a filter that denies",
    ...redhat(
      CLOSED,
      table(
        'inet f2b-table',
        '\tset addr-set-sshd {\n\t\ttype ipv4_addr\n\t\telements = { 198.51.100.66 }\n\t}',
        '\tset addr6-set-sshd {\n\t\ttype ipv6_addr\n\t\telements = { 2001:db8:2::66 }\n\t}',
        chain(
          'f2b-chain',
          base('input', '-1', 'accept'),
          'meta l4proto tcp ip saddr @addr-set-sshd reject with icmp port-unreachable',
          'meta l4proto tcp ip6 saddr @addr6-set-sshd reject with icmpv6 port-unreachable',
        ),
      ),
    ),
    known: BANNED,
    expected: 'opens',
  },
  {
    name: 'rules that were never saved',
    firewall: 'nftables',
    files: {},
    units: [],
    once: `nft -f - <<'RULES'\n${CLOSED}RULES`,
    expected: 'opens',
  },
  {
    name: 'rules in a file that no boot loads',
    firewall: 'nftables',
    files: REDHAT_FILES,
    units: [],
    once: 'nft -f /etc/sysconfig/nftables.conf',
    expected: 'opens',
  },
  {
    name: 'the range opened by hand, and not in the file that the next boot loads',
    ...redhat(CLOSED),
    once: 'nft add rule inet filter input tcp dport 49152-65534 accept',
    openNow: true,
    expected: 'opens',
  },
  {
    name: 'a ban for some time that is in no file',
    ...redhat(
      table(
        'inet filter',
        '\tset jail {\n\t\ttype ipv4_addr\n\t\tflags timeout\n\t}',
        chain(
          'INPUT',
          ACCEPT,
          ...USUAL,
          'ip saddr @jail drop',
          PORTS,
          'reject with icmpx type admin-prohibited',
        ),
      ),
    ),
    once: 'nft add element inet filter jail "{ 198.51.100.66 timeout 1h }"',
    known: BANNED.slice(0, 1),
    expected: 'opens',
  },
];

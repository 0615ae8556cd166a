import { BANNED, OFFICE, type Entry } from '../entry.ts';
import { ACCEPT, base, chain, debian, DROP, redhat, table, USUAL, WHM_PORTS } from './parts.ts';

const PORTS = `tcp dport { ${WHM_PORTS} } accept`;
const filter = (...rules: readonly string[]): string =>
  table('inet filter', chain('input', DROP, ...USUAL, PORTS, ...rules));

/** Rulesets of nftables that let the whole range in already. */
export const NFT_OPEN: readonly Entry[] = [
  {
    name: 'no firewall at all',
    firewall: 'none',
    files: {},
    units: [],
    expected: 'nothing',
  },
  {
    name: 'a wider range that is open, and a final reject',
    ...redhat(filter('tcp dport 40000-65535 accept', 'reject')),
    expected: 'nothing',
  },
  {
    name: 'three rules that together open the range',
    ...debian(
      filter(
        'tcp dport 49152-55000 accept',
        'tcp dport 60001-65534 ct state new accept',
        'tcp dport 55001-60000 counter accept',
      ),
    ),
    expected: 'nothing',
  },
  {
    name: 'a named set whose pieces cover the range',
    ...redhat(
      table(
        'inet filter',
        '\tset passive {\n\t\ttype inet_service\n\t\tflags interval\n\t\telements = { 49152-50000, 50001-65533, 65534 }\n\t}',
        chain('input', DROP, ...USUAL, PORTS, 'tcp dport @passive accept'),
      ),
    ),
    expected: 'nothing',
  },
  {
    name: 'a verdict map that lets the range in',
    ...redhat(
      table(
        'inet filter',
        '\tmap ports {\n\t\ttype inet_service : verdict\n\t\tflags interval\n\t\telements = { 21-22 : accept, 2087 : accept, 49000-65535 : accept }\n\t}',
        chain('input', DROP, ...USUAL, 'tcp dport vmap @ports', 'counter drop'),
      ),
    ),
    expected: 'nothing',
  },
  {
    name: 'policy accept with drops of what is not the range',
    ...redhat(
      table(
        'inet filter',
        chain(
          'input',
          ACCEPT,
          'ct state invalid drop',
          'tcp dport { 3306, 3389, 11211 } drop',
          'tcp dport 1-19 drop',
        ),
      ),
    ),
    expected: 'nothing',
  },
  {
    name: "WHM's own chains with the range at their end, and a ban",
    ...redhat(
      table(
        'inet filter',
        chain(
          'cP-Firewall-1-INPUT',
          ...WHM_PORTS.split(', ').map((port) => `ct state new tcp dport ${port} counter accept`),
          'ct state new tcp dport 49152-65534 counter accept',
        ),
        chain(
          'INPUT',
          ACCEPT,
          ...USUAL,
          'ip saddr 198.51.100.66 drop',
          'ip6 saddr 2001:db8:2::66 drop',
          'jump cP-Firewall-1-INPUT',
          'reject with icmpx type admin-prohibited',
        ),
      ),
    ),
    known: BANNED,
    expected: 'nothing',
  },
  {
    name: 'the range open in both of two base chains, in one by the interface',
    ...redhat(
      filter('iifname "eth0" tcp dport 49152-65534 accept'),
      table(
        'inet guard',
        chain(
          'input',
          base('input', '-10', 'drop'),
          ...USUAL,
          'tcp dport 1-3388 accept',
          'tcp dport > 3389 accept',
        ),
      ),
    ),
    known: OFFICE,
    expected: 'nothing',
  },
];

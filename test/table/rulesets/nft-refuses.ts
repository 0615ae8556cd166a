import type { Entry } from '../entry.ts';
import { ACCEPT, base, chain, debian, DROP, redhat, table, USUAL, WHM_PORTS } from './parts.ts';

const PORTS = `tcp dport { ${WHM_PORTS} } accept`;
const filter = (...rules: readonly string[]): string =>
  table('inet filter', chain('input', DROP, ...USUAL, ...rules, PORTS));

/** Rulesets of nftables in which somebody has said in so many words that ports of the range are closed. */
export const NFT_REFUSES: readonly Entry[] = [
  {
    name: "an administrator's drop of a part of the range",
    ...redhat(filter('tcp dport 50000-50100 drop comment "never again"')),
    expected: { refuses: /50000-50100/ },
  },
  {
    name: "an administrator's reject of a single port of the range, above an accept of all of it",
    ...debian(filter('tcp dport 60000 reject with tcp reset', 'tcp dport 49152-65534 accept')),
    expected: { refuses: /tcp dport 60000 reject/ },
  },
  {
    name: "an administrator's set of closed ports",
    ...redhat(
      table(
        'inet filter',
        '\tset closed {\n\t\ttype inet_service\n\t\tflags interval\n\t\telements = { 3306, 50000-50100, 52000 }\n\t}',
        chain(
          'input',
          ACCEPT,
          ...USUAL,
          'tcp dport @closed drop',
          PORTS,
          'reject with icmpx type admin-prohibited',
        ),
      ),
    ),
    expected: { refuses: /tcp dport @closed drop/ },
  },
  {
    name: "an administrator's chain for closed ports",
    ...redhat(
      table(
        'inet filter',
        chain('closed', 'limit rate 3/minute log prefix "closed: "', 'drop'),
        chain('input', DROP, ...USUAL, 'tcp dport 50000-50100 jump closed', PORTS),
      ),
    ),
    expected: { refuses: /closed/ },
  },
  {
    name: 'a verdict map that drops a part of the range',
    ...debian(filter('tcp dport vmap { 21 : accept, 50000-50100 : drop, 51000 : accept }')),
    expected: { refuses: /vmap/ },
  },
  {
    name: 'a drop of a part of the range before connections are tracked',
    ...redhat(
      table(
        'inet early',
        chain('prerouting', base('prerouting', 'raw', 'accept'), 'tcp dport 50000-50010 drop'),
      ),
      filter('tcp dport 49152-65534 accept'),
    ),
    expected: { refuses: /tcp dport 50000-50010 drop/ },
  },
  {
    name: 'a drop of a part of the range at the mangle priority, for IPv6 alone',
    ...redhat(
      table(
        'ip6 mangle',
        chain('prerouting', base('prerouting', 'mangle', 'accept'), 'tcp dport 50000-50010 drop'),
      ),
      filter(),
    ),
    expected: { refuses: /tcp dport 50000-50010 drop/ },
  },
  {
    name: 'a drop of a part of the range on the interface itself',
    ...redhat(
      table(
        'netdev wire',
        chain(
          'early',
          'type filter hook ingress device "eth0" priority -500; policy accept;',
          'tcp dport 50000-51000 drop',
        ),
      ),
      filter(),
    ),
    expected: { refuses: /tcp dport 50000-51000 drop/ },
  },
  {
    name: 'answers from a part of the range that are kept back on the way out',
    ...redhat(
      filter('tcp dport 49152-65534 accept'),
      table('inet out', chain('output', base('output', 'filter', 'accept'), 'tcp sport 50000-50100 drop')),
    ),
    expected: { refuses: /tcp sport 50000-50100 drop/ },
  },
  {
    name: 'an accept of the range that a later chain takes back',
    ...debian(
      filter('tcp dport 49152-65534 accept'),
      table(
        'inet later',
        chain('input', base('input', '10', 'accept'), 'tcp dport { 3306, 65000-65535 } counter reject'),
      ),
    ),
    expected: { refuses: /65000-65535/ },
  },
];

import type { PortRange } from '../../src/core/range.ts';
import type { Blocked, Family } from '../../src/core/reach.ts';

/** A ruleset and what is known of it by reading it, for the ports 49990 to 50050. */
export interface Layout {
  readonly rules: string;
  /** Open ports: one text where both families are alike. */
  readonly open: string | Readonly<Record<Family, string>>;
  /** Where the client connects from. */
  readonly from?: string;
  /** The rule that decides about a port, as `FAMILY TABLE CHAIN: TEXT`. */
  readonly decides?: Readonly<Record<number, readonly [how: Blocked['how'], rule: string, family?: Family]>>;
}

export const RANGE: PortRange = [49990, 50050];
const ALL = '49990-50050';
const NONE = '';

const table = (name: string, ...parts: readonly string[]): string =>
  `table ${name} {\n${parts.join('\n')}\n}\n`;
const chain = (name: string, ...rules: readonly string[]): string =>
  `chain ${name} {\n${rules.join('\n')}\n}`;
const base = (hook: string, priority: string, policy: string): string =>
  `type filter hook ${hook} priority ${priority}; policy ${policy};`;

/** What no server can do without: answers to its own connections, and finding its neighbours. */
const ANSWERS = 'ct state established,related accept';
const NEIGHBOURS = 'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert } accept';
const USUAL = [ANSWERS, 'iif "lo" accept', NEIGHBOURS];

const DROP = base('input', 'filter', 'drop');
const ACCEPT = base('input', 'filter', 'accept');
const filter = (...rules: readonly string[]): string =>
  table('inet filter', chain('input', DROP, ...USUAL, ...rules));

export const LAYOUTS: Readonly<Record<string, Layout>> = {
  'rules for one family that end in a reset, which nft lists without it': {
    rules: filter(
      'meta nfproto ipv6 tcp dport 50000-50009 reject with tcp reset',
      'meta nfproto ipv4 tcp dport 50020-50029 reject with tcp reset',
      'tcp dport 50000-50039 accept',
    ),
    open: { ipv4: '50000-50019,50030-50039', ipv6: '50010-50039' },
    decides: {
      50000: [
        'reject',
        'inet filter input: meta nfproto ipv6 tcp dport 50000-50009 reject with tcp reset',
        'ipv6',
      ],
    },
  },

  'no rules at all': { rules: '', open: ALL },

  'the table ip filter with INPUT, and ip6 filter beside it': {
    rules:
      table('ip filter', chain('INPUT', DROP, ANSWERS, 'tcp dport 50000-50010 accept')) +
      table(
        'ip6 filter',
        chain(
          'INPUT',
          DROP,
          NEIGHBOURS,
          ANSWERS,
          'tcp dport 50005-50020 accept',
          'tcp dport 50030 reject with icmpv6 admin-prohibited',
        ),
      ),
    open: { ipv4: '50000-50010', ipv6: '50005-50020' },
    decides: {
      49990: ['drop', 'ip filter INPUT: policy drop', 'ipv4'],
      50000: ['drop', 'ip6 filter INPUT: policy drop', 'ipv6'],
      50030: ['reject', 'ip6 filter INPUT: tcp dport 50030 reject with icmpv6 admin-prohibited', 'ipv6'],
    },
  },

  'the table ip filter alone, which says nothing about IPv6': {
    rules: table(
      'ip filter',
      chain('INPUT', ACCEPT, 'tcp dport 50000-50010 accept', 'reject with icmp host-prohibited'),
    ),
    open: { ipv4: '50000-50010', ipv6: ALL },
    decides: { 50011: ['reject', 'ip filter INPUT: reject with icmp host-prohibited', 'ipv4'] },
  },

  'the table inet filter with INPUT, chains below it and a final reject': {
    rules: table(
      'inet filter',
      chain('host-access-control', 'tcp dport 50003 drop', 'tcp dport 50004 return'),
      chain(
        'firewall-1-INPUT',
        ...USUAL,
        'tcp dport { 21, 22, 50000-50010, 50020 } accept',
        'reject with icmpx admin-prohibited',
      ),
      chain('INPUT', ACCEPT, 'jump host-access-control', 'jump firewall-1-INPUT'),
    ),
    open: '50000-50002,50004-50010,50020',
    decides: {
      50003: ['drop', 'inet filter host-access-control: tcp dport 50003 drop'],
      50011: ['reject', 'inet filter firewall-1-INPUT: reject with icmpx admin-prohibited'],
    },
  },

  'the table inet filter with input and policy drop': {
    rules: filter('tcp dport 50000-50010 accept', 'tcp dport 50040-50050 accept'),
    open: '50000-50010,50040-50050',
    decides: { 50011: ['drop', 'inet filter input: policy drop'] },
  },

  'rejects of all kinds': {
    rules: table(
      'inet filter',
      chain(
        'input',
        ACCEPT,
        ...USUAL,
        'tcp dport 50000-50009 reject with tcp reset',
        'tcp dport 50010-50019 reject',
        'tcp dport 50020-50029 reject with icmpx host-unreachable',
        'tcp dport 50030-50039 drop',
      ),
    ),
    open: '49990-49999,50040-50050',
    decides: {
      50000: ['reject', 'inet filter input: tcp dport 50000-50009 reject with tcp reset'],
      50010: ['reject', 'inet filter input: tcp dport 50010-50019 reject'],
      50020: ['reject', 'inet filter input: tcp dport 50020-50029 reject with icmpx host-unreachable'],
      50030: ['drop', 'inet filter input: tcp dport 50030-50039 drop'],
    },
  },

  'chains that are jumped to, gone to and returned from': {
    rules: table(
      'inet filter',
      chain('fewer', 'tcp dport 50008 drop', 'accept'),
      chain('few', 'tcp dport 50005 return', 'tcp dport 50000-50010 jump fewer'),
      chain('many', 'tcp dport != 50035 accept'),
      chain(
        'input',
        DROP,
        ...USUAL,
        'tcp dport 50000-50020 jump few',
        'tcp dport 50030-50040 goto many',
        'tcp dport { 50020, 50035 } accept',
      ),
    ),
    open: '50000-50004,50006-50007,50009-50010,50020,50030-50034,50036-50040',
    decides: {
      50005: ['drop', 'inet filter input: policy drop'],
      50008: ['drop', 'inet filter fewer: tcp dport 50008 drop'],
      50035: ['drop', 'inet filter input: policy drop'],
    },
  },

  'named sets, intervals and maps': {
    rules: table(
      'inet filter',
      'set ports { type inet_service; elements = { 49995, 50000, 50002 }; }',
      'set spans { type inet_service; flags interval; elements = { 50010-50014, 50016 }; }',
      chain('few', 'accept'),
      'map fates { type inet_service : verdict; flags interval',
      'elements = { 50020-50024 : accept, 50025 : drop, 50026 : jump few }; }',
      chain(
        'input',
        DROP,
        ...USUAL,
        'tcp dport @ports accept',
        'tcp dport @spans accept',
        'tcp dport vmap @fates',
        'tcp dport vmap { 50030 : accept, 50031-50033 : drop, 50034 : accept }',
        'meta l4proto tcp th dport { 50040, 50042-50044 } accept',
      ),
    ),
    open: '49995,50000,50002,50010-50014,50016,50020-50024,50026,50030,50034,50040,50042-50044',
    decides: {
      50025: ['drop', 'inet filter input: tcp dport vmap @fates'],
      50045: ['drop', 'inet filter input: policy drop'],
    },
  },

  'comparisons, and rules that look at single bits of a port': {
    rules: filter(
      'tcp dport < 50000 accept',
      'tcp dport >= 50040 accept',
      'tcp dport 50010-50019 tcp dport != 50015 accept',
      'tcp dport & 0x7 == 0x1 tcp dport 50020-50039 accept',
    ),
    open: '49990-49999,50010-50014,50016-50019,50025,50033,50040-50050',
  },

  'a ban of addresses, asked by a stranger': {
    rules: table(
      'inet filter',
      'set banned { type ipv4_addr; flags interval; elements = { 0.0.0.0/5, 32.0.0.0/3, 198.51.100.0/24 }; }',
      'set banned6 { type ipv6_addr; flags interval; elements = { 2001:db8:bad::/48, 2a09::/16 }; }',
      chain(
        'input',
        DROP,
        ...USUAL,
        'ip saddr @banned drop',
        'ip6 saddr @banned6 drop',
        'tcp dport 50000-50010 accept',
      ),
    ),
    open: '50000-50010',
  },

  'a ban of addresses, asked by one who is banned': {
    rules: filter(
      'tcp dport 50002 accept',
      'ip saddr { 198.51.100.20, 198.51.100.30 } drop',
      'tcp dport 50000-50010 accept',
    ),
    from: '198.51.100.20',
    open: { ipv4: '50002', ipv6: '50000-50010' },
    decides: { 50000: ['drop', 'inet filter input: ip saddr { 198.51.100.20, 198.51.100.30 } drop', 'ipv4'] },
  },

  'ports for one address, asked from there': {
    rules: filter('ip6 saddr . tcp dport { 2001:db8:2::20 . 50007, 2001:db8:2::20 . 50009 } accept'),
    from: '2001:db8:2::20',
    open: { ipv4: NONE, ipv6: '50007,50009' },
  },

  'rules for interfaces, by name and by number': {
    rules: filter(
      'iifname "eth1" tcp dport 50000-50050 accept',
      'iif "eth0" tcp dport 50010-50019 accept',
      'iifname "eth*" tcp dport 50030 accept',
      'iif != "eth1" tcp dport 50031 accept',
    ),
    open: '50010-50019,50030-50031',
  },

  'a chain on the way out that keeps the answer back': {
    rules: table(
      'inet out',
      chain('output', base('output', 'filter', 'accept'), 'tcp sport 50020-50029 drop'),
    ),
    open: '49990-50019,50030-50050',
    decides: { 50020: ['drop', 'inet out output: tcp sport 50020-50029 drop'] },
  },

  'a drop before the connection is tracked': {
    rules:
      table('inet raw', chain('early', base('prerouting', 'raw', 'accept'), 'tcp dport 50010 drop')) +
      filter('tcp dport 50005-50015 accept'),
    open: '50005-50009,50011-50015',
    decides: { 50010: ['drop', 'inet raw early: tcp dport 50010 drop'] },
  },

  'a drop on the interface, before any other rule': {
    rules: table(
      'netdev wire',
      chain('early', 'type filter hook ingress device "eth0" priority 0;', 'tcp dport 50010-50012 drop'),
    ),
    open: '49990-50009,50013-50050',
  },

  'an accept that a later chain takes back': {
    rules:
      filter('tcp dport 50000-50020 accept') +
      table('inet later', chain('input', base('input', '10', 'accept'), 'tcp dport 50005-50008 drop')),
    open: '50000-50004,50009-50020',
    decides: { 50006: ['drop', 'inet later input: tcp dport 50005-50008 drop'] },
  },

  'numbers where they mean no port': {
    rules: filter(
      'ip saddr 10.50.0.3 drop comment "50003 and 50007 are closed"',
      'limit rate 50005/second burst 50006 packets comment "tcp dport 50008 drop"',
      'meta mark 50009 drop',
      'ip6 saddr 2001:db8:5000::5001 drop',
      'tcp dport 50000-50010 accept comment "# handle 9 (verdict drop)"',
      'tcp dport 50020 drop comment "# handle 9 (verdict accept)"',
    ),
    open: '50000-50010',
    decides: {
      50020: ['drop', 'inet filter input: tcp dport 50020 drop comment "# handle 9 (verdict accept)"'],
    },
  },

  'a file as people write it: variables, hexadecimal, bare names, service names': {
    rules: `#!/usr/sbin/nft -f
flush ruleset
define PASSIVE = 50000-50010
define WAN = eth0
${filter(
  'iif $WAN tcp dport $PASSIVE accept',
  'iif eth1 tcp dport 50030 accept',
  'tcp dport { 0xc364-0xc366,ssh } accept',
  'tcp dport vmap {50040:accept,50041:drop}',
)}`,
    open: '50000-50010,50020-50022,50040',
  },

  'a redirection to another port': {
    rules:
      table(
        'inet nat',
        chain(
          'early',
          'type nat hook prerouting priority dstnat;',
          'tcp dport 50010-50012 redirect to :50020',
          'tcp dport 50020 redirect to :50021',
        ),
      ) + filter('tcp dport { 50005-50011, 50020 } accept'),
    open: '50005-50012',
  },

  'no finding of neighbours, without which IPv6 goes nowhere': {
    rules: table('inet filter', chain('input', DROP, 'tcp dport 50000-50010 accept')),
    open: { ipv4: '50000-50010', ipv6: NONE },
  },
};

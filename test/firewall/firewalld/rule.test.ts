import assert from 'node:assert/strict';
import { readRule, type PlainRule } from '../../../src/firewall/firewalld/rule.ts';

type Row = readonly [text: string, does: PlainRule['does'], ports: string, families?: string];

const ROWS: readonly Row[] = [
  ['tcp dport 49152-65534 accept', 'accept', '49152-65534'],
  ['tcp dport 22 accept', 'accept', '22-22'],
  ['tcp dport 21 ct state new,untracked accept', 'accept', '21-21'],
  [
    'tcp dport { 20, 21, 49152-65534 } ct state { new, untracked } accept',
    'accept',
    '20-20 21-21 49152-65534',
  ],
  ['meta nfproto ipv6 tcp dport 60000 drop', 'deny', '60000-60000', 'ipv6'],
  ['tcp dport 50000-50100 reject with icmpx admin-prohibited', 'deny', '50000-50100'],
  ['meta l4proto tcp counter packets 3 bytes 180 accept', 'accept', '1-65535'],
  ['counter drop', 'deny', '1-65535'],
  ['accept', 'accept', '1-65535'],
  ['return', 'return', '1-65535'],
  ['-p tcp -m tcp --dport 49152:65534 -j ACCEPT', 'accept', '49152-65534', 'ipv4 ipv6'],
  ['-p tcp -m tcp --dport 21 -m conntrack --ctstate NEW,UNTRACKED -j ACCEPT', 'accept', '21-21'],
  ['-p tcp -m multiport --dports 20,21,49152:65534 -j ACCEPT', 'accept', '20-20 21-21 49152-65534'],
  ['-p tcp -m tcp --dport 7 -m comment --comment "a word -j ACCEPT" -j DROP', 'deny', '7-7'],
  ['-j REJECT --reject-with icmp-port-unreachable', 'deny', '1-65535'],
  ['-j RETURN', 'return', '1-65535'],
];

const NOTHING = [
  'ip saddr 198.51.100.66 drop',
  'ip6 daddr fe80::/64 udp dport 546 accept',
  'iifname "eth1" tcp dport 22 accept',
  'tcp dport != 22 drop',
  'tcp dport @open accept',
  'tcp dport 21 ct helper set "helper-ftp-tcp"',
  'tcp dport 21 limit rate 5/minute accept',
  'tcp dport 21 log prefix "ftp"',
  'ct state { established, related } accept',
  'meta l4proto { icmp, ipv6-icmp } accept',
  'udp dport 53 accept',
  'meta nfproto != ipv4 drop',
  '',
  '-s 198.51.100.66/32 -j DROP',
  '! -i lo -p tcp -j ACCEPT',
  '-p icmp -j ACCEPT',
  '-p udp -m udp --dport 53 -j ACCEPT',
  '-p tcp -m tcp ! --dport 22 -j DROP',
  '-p tcp -m tcp --dport ftp -j ACCEPT',
  '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
  '-p tcp -m tcp --dport 21 -m limit --limit 5/min -j ACCEPT',
  '-p tcp -m tcp --dport 21',
];

describe('rule of a zone', () => {
  for (const [text, does, ports, families = 'ipv4 ipv6'] of ROWS) {
    it(`decides every connection to its ports: ${text}`, () => {
      const rule = readRule(text);
      assert.deepEqual(rule?.does, does);
      assert.equal(rule.ports.map((range) => range.join('-')).join(' '), ports);
      assert.equal(rule.families.join(' '), families);
    });
  }

  for (const text of NOTHING) {
    it(`decides nothing for just anybody: ${text}`, () => assert.equal(readRule(text), null));
  }

  it('leads to another chain, from which a packet comes back after a jump only', () => {
    const to = (text: string): unknown => readRule(text)?.does;
    assert.deepEqual(to('jump filter_IN_public_allow'), { to: 'filter_IN_public_allow', comesBack: true });
    assert.deepEqual(to('goto filter_IN_public'), { to: 'filter_IN_public', comesBack: false });
    assert.deepEqual(to('-j IN_public_allow'), { to: 'IN_public_allow', comesBack: true });
    assert.deepEqual(to('-g IN_public'), { to: 'IN_public', comesBack: false });
    assert.equal(to('iifname "eth0" goto filter_IN_public'), undefined);
  });
});

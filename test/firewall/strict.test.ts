import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readChains } from '../../src/firewall/chains.ts';
import type { Chain } from '../../src/firewall/ruleset.ts';
import { canStop, isClosed, isIncoming } from '../../src/firewall/strict.ts';
import { NAMES, rulesetOf } from './rulesets.ts';

type Answer = 'open' | 'stops' | 'closed';

/** For each listing: what its chains on the way in can do to a packet. */
const LISTINGS: Readonly<Record<string, Answer>> = {
  none: 'open',
  'nft-sample': 'open',
  cpanel: 'open',
  'nft-drop': 'closed',
  'nft-jump': 'closed',
  'nft-vmap': 'stops',
  'nft-named-map': 'stops',
  'nft-ingress': 'stops',
  'iptables-accept': 'open',
  'iptables-reject': 'closed',
  'iptables-reject-and-nft': 'closed',
  'nft-drop-and-iptables': 'closed',
  'legacy-drop': 'closed',
  csf: 'closed',
  apf: 'closed',
  imunify: 'open',
  'docker-and-fail2ban': 'open',
  'fail2ban-ipset': 'open',
  'fail2ban-nft': 'open',
  firewalld: 'closed',
  ufw: 'closed',
  'ufw-off': 'open',
  'ufw-without-ipv6': 'closed',
  'ufw-and-nft': 'closed',
};

function answerFor(chains: readonly Chain[]): Answer {
  const bases = chains.filter(isIncoming);
  if (bases.some((base) => isClosed(chains, base))) return 'closed';
  return bases.some((base) => canStop(chains, base)) ? 'stops' : 'open';
}

const chain = (rules: readonly string[], more: Partial<Chain> = {}): Chain => ({
  tool: 'nft',
  family: 'inet',
  table: 'filter',
  chain: 'input',
  base: 'type filter hook input priority filter; policy accept;',
  rules: rules.map((text, handle) => ({ handle, text })),
  ...more,
});

const answer = (rule: string, more: Partial<Chain> = {}): Answer => answerFor([chain([rule], more)]);
const byIptables = { tool: 'iptables', family: 'ip', chain: 'INPUT' } as const;

describe('what a chain can stop', () => {
  it('is known for every listing', () => {
    assert.deepEqual(Object.keys(LISTINGS).sort(), [...NAMES].sort());
    const answers = NAMES.map((name) => [name, answerFor(readChains(rulesetOf(name)))]);
    assert.deepEqual(Object.fromEntries(answers), LISTINGS);
  });

  for (const [rule, expected] of [
    ['drop', 'closed'],
    ['counter packets 3 bytes 180 drop', 'closed'],
    ['reject with icmpx admin-prohibited', 'closed'],
    ['tcp dport 49152-65534 drop comment "why"', 'stops'],
    ['limit rate over 10/second drop', 'stops'],
    ['tcp dport vmap { 22 : accept, 23 : drop }', 'stops'],
    ['tcp dport vmap { 22 : accept, 23 : jump more }', 'open'],
    ['ip saddr @drop accept', 'open'],
    ['log prefix "drop: " accept', 'open'],
    ['tcp dport 22 accept comment "never \\" drop"', 'open'],
    ['jump drop', 'open'],
    ['meta l4proto tcp xt target "REJECT"', 'stops'],
    ['ip saddr @f2b-sshd drop', 'open'],
  ] as const) {
    it(`of nft's rule "${rule}" is: ${expected}`, () => {
      assert.equal(answer(rule), expected);
    });
  }

  for (const [rule, expected] of [
    ['-j DROP', 'closed'],
    ['-m comment --comment "last one" -j REJECT --reject-with icmp-port-unreachable', 'closed'],
    ['-p tcp -m tcp --dport 22 -j DROP', 'stops'],
    ['! -i lo -j TARPIT', 'stops'],
    ['-m comment --comment "-j DROP" -j ACCEPT', 'open'],
    ['-p tcp -j LOG --log-prefix "DROP "', 'open'],
    ['-m set --match-set f2b-sshd src -j REJECT', 'open'],
    ['-m set --match-set mine src -j DROP', 'stops'],
    ['ip saddr 192.0.2.1 drop', 'stops'],
    ['-p tcp', 'open'],
  ] as const) {
    it(`of iptables' rule "${rule}" is: ${expected}`, () => {
      assert.equal(answer(rule, byIptables), expected);
    });
  }

  it('follows jumps within one table of one tool only', () => {
    const base = chain(['-p tcp -j LATER'], byIptables);
    const later = chain(['-j DROP'], { ...byIptables, chain: 'LATER', base: null });
    assert.equal(answerFor([base, later]), 'stops');
    assert.equal(answerFor([chain(['-g LATER'], byIptables), later]), 'closed');
    for (const other of [{ family: 'ip6' }, { table: 'mangle' }, { tool: 'iptables-legacy' }] as const)
      assert.equal(answerFor([base, { ...later, ...other }]), 'open');
  });

  it('leaves out chains of programs that ban, wherever a rule leads to them', () => {
    for (const name of ['f2b-sshd', 'fail2ban-ftp', 'DOCKER-USER', 'cphulk', 'INPUT_imunify360']) {
      const ban = chain(['-j DROP'], { ...byIptables, chain: name, base: null });
      assert.equal(answerFor([chain([`-j ${name}`], byIptables), ban]), 'open', name);
    }
  });

  it('ends for chains that lead to each other, and never throws', () => {
    const names = fc.constantFrom('a', 'b', 'c', 'input');
    const word = fc.constantFrom(
      'jump',
      'goto',
      'drop',
      '-j',
      '-g',
      '--comment',
      '"',
      '\\',
      '{',
      ':',
      'vmap',
      '@',
      '! -i',
    );
    const rule = fc
      .array(fc.oneof(word, names, fc.string()), { maxLength: 6 })
      .map((words) => words.join(' '));
    const any = fc.record({ name: names, rules: fc.array(rule, { maxLength: 4 }), base: fc.boolean() });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 6 }), (given) => {
        const chains = given.map(({ name, rules, base }) =>
          chain(rules, { chain: name, ...(base ? {} : { base: null }) }),
        );
        for (const each of chains) if (isClosed(chains, each)) assert.ok(canStop(chains, each));
      }),
    );
  });
});

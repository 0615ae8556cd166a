import assert from 'node:assert/strict';
import type { Blocked, Decision } from '../../src/core/reach.ts';
import { isBan, isExplicit } from '../../src/engine/explicit.ts';
import { ruleName } from '../../src/engine/verdict.ts';

const at = (chain: string, text: string, index: number | null = 0): Decision => {
  return { tool: 'nft', family: 'inet', table: 'filter', chain, index, text };
};

/** Whether the last of these rules, to which the others have led, forbids ports on purpose. */
function explicit(...path: readonly Decision[]): boolean {
  return isExplicit(stopped(path));
}

function stopped(path: readonly Decision[]): Blocked {
  const decision = path.at(-1) ?? null;
  const names = path.map(ruleName);
  return {
    range: [50000, 50000],
    how: 'drop',
    rule: names.at(-1) ?? null,
    decision,
    path: names,
  };
}

describe('a rule that decides', () => {
  const forbids = [
    'tcp dport 50000 drop',
    'tcp dport 49152-65534 counter packets 0 bytes 0 drop',
    'tcp dport { 21, 50000-51000 } reject with tcp reset',
    'tcp dport @closed drop',
    'tcp dport vmap { 50000 : drop, 22 : accept }',
    'tcp dport vmap @services',
    'meta l4proto tcp th dport 50000-60000 drop',
    'tcp dport 2000-65535 drop',
    'tcp dport > 49151 drop',
    'tcp dport <= 60000 drop',
    'ip saddr . tcp dport { 192.0.2.1 . 50000 } drop',
    '-p tcp -m tcp --dport 49152:65534 -j DROP',
    '-p tcp -m multiport --dports 21,50000:51000 -j REJECT --reject-with tcp-reset',
    '-p tcp -m tcp --destination-port 50000 -j DROP',
  ];
  for (const text of forbids) {
    it(`forbids ports on purpose: ${text}`, () => assert.equal(explicit(at('input', text)), true));
  }

  const others = [
    'drop',
    'meta l4proto tcp reject with tcp reset',
    'ct state invalid drop',
    'ip saddr @bans drop',
    'tcp sport 50000 drop',
    'udp dport 50000 drop',
    'tcp dport != 22 drop',
    'tcp dport != { 21, 22 } drop',
    'tcp dport 1024-65535 drop',
    'tcp dport > 1023 drop',
    'tcp dport >= 1024 drop',
    'drop comment "tcp dport 50000"',
    '-p tcp -m comment --comment "not --dport 50000" -j DROP',
    'tcp dport 1-65535 drop',
    'tcp dport 0-65535 reject',
    'tcp dport { 1-30000, 30001-65535 } drop',
    '-p tcp -m tcp ! --dport 22 -j DROP',
    '-p tcp -m multiport ! --dports 21,22 -j DROP',
    '-p tcp -m tcp --dport 1024:65535 -j REJECT',
    '-p tcp -m tcp --sport 50000 -j DROP',
    '-j DROP',
  ];
  for (const text of others) {
    it(`says nothing of ports of its own: ${text}`, () => assert.equal(explicit(at('input', text)), false));
  }

  it('forbids them too where the way to its chain does', () => {
    const drop = at('closed', 'drop');
    assert.equal(explicit(at('input', 'tcp dport 50000-51000 jump closed'), drop), true);
    assert.equal(explicit(at('INPUT', '-p tcp -m tcp --dport 50000 -j closed'), drop), true);
    assert.equal(explicit(at('INPUT', '-p tcp -m tcp --dport 50000 -g closed'), drop), true);
    assert.equal(explicit(at('input', 'tcp dport vmap { 50000 : goto closed }'), drop), true);
    const between = at('between', 'ct state new goto closed');
    assert.equal(explicit(at('input', 'tcp dport 50000 jump between'), between, drop), true);
  });

  it('does not where the way to its chain is another one', () => {
    const drop = at('closed', 'drop');
    assert.equal(
      explicit(at('input', 'tcp dport 50000 jump closed-too'), at('input', 'jump closed'), drop),
      false,
    );
    assert.equal(
      explicit(at('input', 'tcp dport 50000 jump log'), at('log', 'log'), at('input', 'drop')),
      false,
    );
    assert.equal(explicit(at('input', 'tcp dport 1024-65535 jump closed'), drop), false);
    assert.equal(explicit(at('input', 'jump closed'), drop), false);
  });

  it('is never the policy of a chain, nor one that is not known', () => {
    assert.equal(explicit(at('input', 'policy drop', null)), false);
    assert.equal(
      explicit(at('input', 'tcp dport 50000 jump empty'), at('empty', 'policy drop', null)),
      false,
    );
    assert.equal(explicit(), false);
  });
});

describe('a rule that keeps some out', () => {
  const bans = [
    'ip saddr 198.51.100.0/24 drop',
    'ip saddr != @country drop',
    'ip6 saddr @bans counter reject',
    'ether saddr 02:00:00:00:00:01 drop',
    '-s 198.51.100.66/32 -j DROP',
    '! -s 192.0.2.0/24 -p tcp -j DROP',
    '-m set ! --match-set country src -j REJECT',
    '-m geoip --source-country CN,RU -j DROP',
    '-m iprange --src-range 192.0.2.1-192.0.2.9 -j DROP',
  ];
  for (const text of bans) {
    it(`looks at where a client comes from: ${text}`, () =>
      assert.equal(isBan(stopped([at('input', text)])), true));
  }

  const others = [
    'reject',
    'fib saddr . iif oif missing drop',
    'ct state invalid drop',
    'drop comment "ip saddr 192.0.2.1"',
    'ip daddr 192.0.2.1 drop',
    '-m set --match-set ports dst -j DROP',
    '-d 192.0.2.1/32 -j DROP',
    '-j REJECT --reject-with icmp-host-prohibited',
    'add @scanners { ip saddr } drop',
    'update @scanners { ip saddr timeout 1h } reject',
  ];
  for (const text of others) {
    it(`keeps everybody out: ${text}`, () => assert.equal(isBan(stopped([at('input', text)])), false));
  }

  it('looks there too where the way to its chain does', () => {
    const way = at('input', 'ip saddr @bans jump banned');
    assert.equal(isBan(stopped([way, at('banned', 'drop')])), true);
    assert.equal(isBan(stopped([way, at('other', 'drop')])), false);
    assert.equal(isBan(stopped([at('input', 'policy drop', null)])), false);
  });
});

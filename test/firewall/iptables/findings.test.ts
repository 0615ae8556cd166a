import assert from 'node:assert/strict';
import type { Finding } from '../../../src/core/finding.ts';
import type { Family } from '../../../src/core/reach.ts';
import { iptables } from '../../../src/firewall/iptables/iptables.ts';
import { factsOf, type World } from './facts.ts';
import { fixture, savedFixture } from './texts.ts';

const EL4 = '/etc/sysconfig/iptables';
const EL6 = '/etc/sysconfig/ip6tables';
const DEB4 = '/etc/iptables/rules.v4';
const PERSISTENT = 'netfilter-persistent.service';
const V4 = savedFixture('csf.v4');
const V6 = savedFixture('redhat.v6');
const BOTH: readonly Family[] = ['ipv4', 'ipv6'];

const findings = (world: World, families: readonly Family[] = BOTH): Finding[] =>
  iptables.findings(factsOf(world), { range: [49152, 65534], families });
const only = (world: World, families?: readonly Family[]): Finding => {
  const [first, ...others] = findings(world, families);
  assert.ok(first);
  assert.deepEqual(others, []);
  return first;
};
const titles = (world: World, families?: readonly Family[]): string[] =>
  findings(world, families).map(({ title }) => title);

describe('a finding about saved rules', () => {
  const enabled = ['iptables.service', 'ip6tables.service'];

  it('is not made when all rules in force are kept and loaded', () => {
    const files = { [EL4]: fixture('redhat.v4'), [EL6]: fixture('redhat.v6') };
    assert.deepEqual(findings({ saved: [V4, V6], files, enabled }), []);
    assert.deepEqual(findings({ files, enabled }), []);
    assert.deepEqual(findings({}), []);
  });

  it('says for which families rules are in force that no file keeps', () => {
    assert.deepEqual(titles({ saved: [V4, V6] }), ['The firewall rules for IPv4 and IPv6 are not saved']);
    assert.deepEqual(titles({ saved: [V4] }), ['The firewall rules for IPv4 are not saved']);
    assert.deepEqual(titles({ saved: [V4, V6] }, ['ipv6']), ['The firewall rules for IPv6 are not saved']);
    assert.deepEqual(titles({ saved: [V4] }, ['ipv6']), []);
    const { id, level, fact } = only({ saved: [V4, V6] });
    assert.deepEqual([id, level], ['boot-none', 'info']);
    assert.match(fact, /in force over IPv4 and IPv6, and no file keeps them/);
  });

  it('says it of one family when only the other is kept', () => {
    const world = { saved: [V4, V6], files: { [EL4]: fixture('redhat.v4') }, enabled };
    const { title, fix } = only(world);
    assert.equal(title, 'The firewall rules for IPv6 are not saved');
    assert.match(fix, /then run service ip6tables save\.$/);
    assert.doesNotMatch(fix, /install/);
  });

  it('is not made for bans and containers, which their programs bring back', () => {
    assert.deepEqual(findings({ saved: [savedFixture('fail2ban.v4'), savedFixture('docker.v4')] }), []);
  });

  it('names iptables-services on a Red Hat system, and what it brings', () => {
    const { fix } = only({ saved: [V4, V6], files: { '/etc/dnf/dnf.conf': '[main]\n' } });
    assert.match(
      fix,
      /run dnf install iptables-services, look for rules that should not stay \(bans, for instance\)/,
    );
    assert.match(fix, /then run service iptables save and service ip6tables save\./);
    assert.match(fix, /brings rules of its own, which load at boot until yours are saved over them\.$/);
    const there = only({ saved: [V4], active: ['iptables.service'] });
    assert.match(there.fix, /then run service iptables save\.$/);
    assert.doesNotMatch(there.fix, /install/);
  });

  it('names iptables-persistent on a Debian system', () => {
    const files = { '/etc/debian_version': '12.11\n' };
    assert.match(
      only({ saved: [V4], files }).fix,
      /apt-get install iptables-persistent, which offers to save them/,
    );
    const there = only({ saved: [V4], files, enabled: [PERSISTENT] });
    assert.match(there.fix, /then run netfilter-persistent save\.$/);
    assert.doesNotMatch(there.fix, /install/);
  });

  it('names no package where the system is not known', () => {
    const { fix } = only({ saved: [V4], files: { '/etc/dnf/dnf.conf': null } });
    assert.match(fix, /save them where this system loads its rules from at boot\.$/);
    assert.doesNotMatch(fix, /dnf|apt-get/);
  });

  it('names the units that are not enabled, with their files', () => {
    const files = { [EL4]: fixture('redhat.v4'), [EL6]: fixture('redhat.v6') };
    const facts = (world: World) => findings(world).map(({ id, level, fact, fix }) => [id, level, fact, fix]);
    assert.deepEqual(facts({ files, enabled: ['iptables.service'] }), [
      [
        'boot-not-enabled',
        'info',
        'ip6tables.service is not enabled, so /etc/sysconfig/ip6tables is not loaded at boot.',
        'systemctl enable ip6tables',
      ],
    ]);
    assert.deepEqual(facts({ files })[0]?.slice(2), [
      'iptables.service and ip6tables.service are not enabled, so /etc/sysconfig/iptables and /etc/sysconfig/ip6tables are not loaded at boot.',
      'systemctl enable iptables ip6tables',
    ]);
    assert.equal(facts({ files }).length, 1);
    const debian = facts({ files: { [DEB4]: '', '/etc/iptables/rules.v6': '' }, active: [PERSISTENT] });
    assert.deepEqual(debian, [
      [
        'boot-not-enabled',
        'info',
        'netfilter-persistent.service is not enabled, so /etc/iptables/rules.v4 and /etc/iptables/rules.v6 are not loaded at boot.',
        'systemctl enable netfilter-persistent',
      ],
    ]);
  });
});

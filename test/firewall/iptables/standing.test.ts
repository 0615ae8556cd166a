import assert from 'node:assert/strict';
import type { Standing } from '../../../src/firewall/firewall.ts';
import { iptables } from '../../../src/firewall/iptables/iptables.ts';
import type { SavedTables } from '../../../src/firewall/ruleset.ts';
import { factsOf, ip, ip6, legacy, type World } from './facts.ts';
import { filter, fixture, savedFixture } from './texts.ts';

const standing = (world: World): Standing => iptables.standing(factsOf(world));
const withRules = (...saved: readonly SavedTables[]): Standing => standing({ saved });
const open = (...lines: readonly string[]): string => filter(...lines).replace('DROP', 'ACCEPT');

describe('iptables', () => {
  it('is absent where nothing of it is there', () => {
    assert.equal(standing({}), 'absent');
    assert.equal(
      standing({ files: { '/etc/iptables/rules.v4': null, '/etc/debian_version': '12.11\n' } }),
      'absent',
    );
  });

  it('is inactive where only its files are', () => {
    for (const path of iptables.files.filter((each) => /iptables|ip6tables/.test(each))) {
      assert.equal(standing({ files: { [path]: '' } }), 'inactive', path);
    }
  });

  it('is active while one of its units runs', () => {
    for (const unit of ['iptables.service', 'ip6tables.service', 'netfilter-persistent.service']) {
      assert.ok(iptables.units.includes(unit));
      assert.equal(standing({ active: [unit] }), 'active');
    }
    assert.equal(standing({ active: ['nftables.service'] }), 'absent');
    assert.equal(standing({ enabled: ['iptables.service'] }), 'absent');
  });

  for (const name of [
    'csf.v4',
    'ufw.v4',
    'ufw.v6',
    'redhat.v4',
    'redhat.v6',
    'counters.v4',
    'comments.v4',
    'legacy.v4',
  ]) {
    it(`is active with the rules of ${name}`, () => assert.equal(withRules(savedFixture(name)), 'active'));
  }

  for (const name of ['docker.v4', 'fail2ban.v4']) {
    it(`is not active for the rules of ${name} alone`, () => {
      assert.equal(withRules(savedFixture(name)), 'absent');
      assert.equal(withRules(ip(fixture(name).replace('INPUT ACCEPT', 'INPUT DROP'))), 'active');
      const one = fixture(name).replace(/^:INPUT ACCEPT.*\n/m, '$&-A INPUT -s 192.0.2.1/32 -j DROP\n');
      assert.notEqual(one, fixture(name));
      assert.equal(withRules(ip(one)), 'active');
    });
  }

  it('is not active for the bans of cPHulk and of older fail2ban', () => {
    for (const chain of ['cphulk', 'fail2ban-SSH']) {
      const text = open(`-N ${chain}`, `-A ${chain} -s 192.0.2.1/32 -j DROP`, `-A INPUT -j ${chain}`);
      assert.equal(withRules(ip(text)), 'absent', chain);
      assert.equal(withRules(legacy(text)), 'absent', chain);
      assert.equal(withRules(ip(text.replaceAll(chain, `x${chain}`))), 'active', chain);
    }
  });

  it('is active when a jump leads to a rule that stops packets, in its own table, family and flavour', () => {
    const chains = ['-N A', '-N B', '-A A -g B', '-A B -j A'];
    const jumps = [...chains, '-A INPUT -j A'];
    assert.equal(withRules(ip(open(...jumps))), 'absent');
    assert.equal(withRules(ip(open(...jumps, '-A B -j REJECT'))), 'active');
    assert.equal(withRules(ip(open(...chains, '-A B -j REJECT'))), 'absent');
    assert.equal(withRules(ip(open(...jumps)), ip6(open(...chains, '-A B -j REJECT'))), 'absent');
    assert.equal(withRules(ip(open('-A INPUT -j A')), legacy(open(...chains, '-A B -j REJECT'))), 'absent');
  });

  it('is active for a drop before the routing', () => {
    const raw = '*raw\n:PREROUTING ACCEPT\n-A PREROUTING -p tcp -j DROP\nCOMMIT\n';
    assert.equal(withRules(ip(raw)), 'active');
    assert.equal(withRules(ip(raw.replaceAll('PREROUTING', 'OUTPUT'))), 'absent');
    const shield = (words: string): string => raw.replace('-p tcp', words);
    assert.equal(withRules(ip(shield('-d 172.18.0.2/32 ! -i br-5ee1 '))), 'absent');
    assert.equal(withRules(ip(shield('-d 172.18.0.2/32 ! -i lo'))), 'active');
    assert.equal(withRules(ip(shield('-d 172.18.0.2/32 -i docker0'))), 'active');
  });

  it('is not active for rules that let everything in, go out or go through', () => {
    const lines = [
      '-A INPUT -j ACCEPT',
      '-A INPUT -j LOG --log-prefix "-j DROP"',
      '-P FORWARD DROP',
      '-A OUTPUT -j DROP',
    ];
    assert.equal(withRules(ip(open(...lines))), 'absent');
  });

  it('is not active for the rules that nft keeps', () => {
    const { chains, ...facts } = factsOf({ saved: [savedFixture('csf.v4')] });
    const native = chains.map((chain) => ({ ...chain, tool: 'nft' as const }));
    assert.equal(iptables.standing({ ...facts, chains: native }), 'absent');
  });
});

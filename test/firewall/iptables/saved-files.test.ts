import assert from 'node:assert/strict';
import { iptables } from '../../../src/firewall/iptables/iptables.ts';
import type { SavedTables } from '../../../src/firewall/ruleset.ts';
import { factsOf, ip, ip6, legacy, type World } from './facts.ts';
import { filter, fixture, savedFixture } from './texts.ts';

const EL4 = '/etc/sysconfig/iptables';
const EL6 = '/etc/sysconfig/ip6tables';
const DEB4 = '/etc/iptables/rules.v4';
const DEB6 = '/etc/iptables/rules.v6';
const PERSISTENT = 'netfilter-persistent.service';

function savedOf(world: World) {
  const saved = iptables.saved(factsOf(world));
  return saved && { ...saved, files: saved.files.map(({ path }) => path) };
}

describe('saved rules of iptables', () => {
  it('are nowhere when no file is there', () => {
    assert.equal(savedOf({}), null);
    assert.equal(savedOf({ files: { [EL4]: null, [DEB4]: null }, enabled: [PERSISTENT] }), null);
  });

  it('are the files that exist, and wait for the units that load them', () => {
    const both = { [EL4]: '', [EL6]: '' };
    const units = ['iptables.service', 'ip6tables.service'];
    assert.deepEqual(savedOf({ files: both, enabled: units }), {
      files: [EL4, EL6],
      unit: 'iptables.service',
      enabled: true,
    });
    assert.deepEqual(savedOf({ files: { [EL6]: '' }, enabled: ['ip6tables.service'] }), {
      files: [EL6],
      unit: 'ip6tables.service',
      enabled: true,
    });
    assert.deepEqual(savedOf({ files: { [DEB4]: '', [DEB6]: null }, enabled: [PERSISTENT] }), {
      files: [DEB4],
      unit: PERSISTENT,
      enabled: true,
    });
  });

  it('are loaded at boot only when every unit for them is enabled', () => {
    const both = { [EL4]: '', [EL6]: '' };
    const first = savedOf({ files: both, enabled: ['ip6tables.service'] });
    assert.deepEqual([first?.unit, first?.enabled], ['iptables.service', false]);
    const second = savedOf({ files: both, enabled: ['iptables.service'] });
    assert.deepEqual([second?.unit, second?.enabled], ['ip6tables.service', false]);
    assert.equal(savedOf({ files: { [EL4]: '' }, enabled: ['iptables.service'] })?.enabled, true);
    assert.equal(savedOf({ files: both, active: ['iptables.service', 'ip6tables.service'] })?.enabled, false);
  });

  describe('of both kinds', () => {
    const files = { [EL4]: fixture('redhat.v4'), [DEB4]: fixture('csf.v4') };
    const chosen = (world: World): string | undefined => savedOf({ files, ...world })?.files.join();

    it('are those whose unit is enabled', () => {
      assert.equal(chosen({ enabled: ['iptables.service'], active: [PERSISTENT] }), EL4);
      assert.equal(chosen({ enabled: [PERSISTENT], active: ['iptables.service'] }), DEB4);
    });

    it('else those whose unit runs', () => {
      assert.equal(chosen({ active: ['iptables.service'] }), EL4);
      assert.equal(chosen({ active: [PERSISTENT] }), DEB4);
    });

    it('else those that hold a chain in force', () => {
      const bans = '*filter\n:BANS - [0:0]\nCOMMIT\n';
      const withBans = { ...files, [EL4]: '', [DEB4]: bans };
      assert.equal(chosen({ files: withBans, saved: [ip(bans)] }), DEB4);
      assert.equal(chosen({ files: withBans, saved: [ip6(bans)] }), EL4);
      assert.equal(chosen({ files: withBans, saved: [legacy(bans)] }), DEB4);
      const facts = factsOf({ files: withBans, saved: [ip(bans)] });
      const chains = facts.chains.map((chain) => ({ ...chain, tool: 'nft' as const }));
      assert.deepEqual(
        iptables.saved({ ...facts, chains })?.files.map(({ path }) => path),
        [EL4],
      );
      assert.equal(chosen({ files: { ...withBans, [EL4]: bans }, saved: [ip(bans)] }), EL4);
    });
  });
});

describe('the ruleset of saved files', () => {
  const rulesetOf = (files: Readonly<Record<string, string>>, live: readonly SavedTables[]) =>
    iptables.rulesetOf(
      Object.entries(files).map(([path, text]) => ({ path, text })),
      { nft: 'table inet live {\n}\n', ipsets: 'create bans hash:ip\n', saved: live },
    );

  it('holds each file for its family, the sets that are there now, and nothing of nft', () => {
    const files = { [EL4]: fixture('redhat.v4'), [EL6]: fixture('redhat.v6') };
    assert.deepEqual(rulesetOf(files, []), {
      nft: '',
      ipsets: 'create bans hash:ip\n',
      saved: [ip(files[EL4]), ip6(files[EL6])],
    });
    assert.deepEqual(
      rulesetOf({ [DEB6]: '', [DEB4]: '' }, []).saved.map(({ family }) => family),
      ['ip6', 'ip'],
    );
  });

  it('is of the flavour that is in force', () => {
    const tools = (file: string, ...live: readonly SavedTables[]) =>
      rulesetOf({ [EL4]: file, [EL6]: '' }, live).saved.map(({ tool }) => tool);
    const text = fixture('redhat.v4');
    const other = fixture('docker.v4');
    assert.deepEqual(tools(text, ip(text)), ['iptables', 'iptables']);
    assert.deepEqual(tools(text, savedFixture('legacy.v4')), ['iptables-legacy', 'iptables-legacy']);
    assert.deepEqual(tools(text, ip('# nothing'), legacy(text)), ['iptables-legacy', 'iptables-legacy']);
    assert.deepEqual(tools(text, ip(text), legacy(other)), ['iptables', 'iptables']);
    assert.deepEqual(tools(text, ip(other), legacy(text)), ['iptables-legacy', 'iptables']);
    assert.deepEqual(tools(filter(), ip(text), legacy(text)), ['iptables', 'iptables']);
  });
});

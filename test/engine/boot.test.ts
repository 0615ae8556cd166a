import assert from 'node:assert/strict';
import { savedRuleset, savedSources, type Source } from '../../src/engine/boot.ts';
import type { Charge } from '../../src/firewall/charge.ts';
import type { Rulebook, SavedRules, Standing } from '../../src/firewall/firewall.ts';
import { iptables } from '../../src/firewall/iptables/iptables.ts';
import { nftables } from '../../src/firewall/nftables/nftables.ts';
import { NO_RULES } from '../../src/firewall/ruleset.ts';
import { factsOf } from '../firewall/rulesets.ts';

const file = (path: string, text: string) => ({ path, text, encoding: 'utf8', tag: '', mtimeMs: 0 }) as const;
const FACTS = factsOf(NO_RULES);

/** A firewall of plain rules that has saved some, or none. */
function book(name: 'nftables' | 'iptables', standing: Standing, enabled: boolean | null): Rulebook {
  const saved: SavedRules | null =
    enabled === null ? null : { files: [file(`/${name}`, '')], unit: `${name}.service`, enabled };
  return { ...nftables, name, standing: () => standing, saved: () => saved };
}

describe('what is loaded at boot', () => {
  type Some = readonly [standing: Standing, enabled: boolean | null];
  const rows: readonly (readonly [
    why: string,
    active: Charge['active'],
    nft: Some,
    ip: Some,
    used: readonly string[],
  ])[] = [
    ['what the firewall in charge has saved', 'nftables', ['active', true], ['absent', null], ['nftables']],
    ['that, though no unit loads it', 'nftables', ['active', false], ['absent', null], ['nftables']],
    ['nothing, where nothing is saved', 'nftables', ['active', null], ['absent', null], []],
    [
      'what another one has in force and loads again',
      'nftables',
      ['active', true],
      ['active', true],
      ['nftables', 'iptables'],
    ],
    ['not what another one only keeps', 'nftables', ['active', true], ['active', false], ['nftables']],
    [
      'not what another one loads and has not in force',
      'nftables',
      ['active', true],
      ['inactive', true],
      ['nftables'],
    ],
    [
      'what a unit loads, where nothing is in force now',
      'none',
      ['inactive', true],
      ['inactive', false],
      ['nftables'],
    ],
    ['what a unit loads beside a program', 'csf', ['active', true], ['inactive', true], ['nftables']],
  ];
  for (const [why, active, nft, ip, used] of rows) {
    it(`is ${why}`, () => {
      const books = [book('nftables', ...nft), book('iptables', ...ip)];
      const charge: Charge = { active, keeper: null, others: [], conflict: null, findings: [] };
      const sources = savedSources(books, FACTS, charge);
      assert.deepEqual(
        sources.map(({ rulebook }) => rulebook.name),
        used,
      );
      assert.deepEqual(
        sources.map(({ unit }) => unit),
        used.map((name) => `${name}.service`),
      );
    });
  }
});

describe('the rules after the next boot', () => {
  const script: Source = {
    rulebook: nftables,
    files: [file('/etc/nftables.conf', 'table inet f {\n}\n')],
    unit: '',
    enabled: true,
  };
  const V4 = '*filter\n:INPUT DROP [0:0]\nCOMMIT\n';
  const tables: Source = {
    rulebook: iptables,
    files: [file('/etc/iptables/rules.v4', V4)],
    unit: '',
    enabled: true,
  };
  const live = { ...NO_RULES, nft: 'table ip live {\n}\n', ipsets: 'create bans hash:ip\n' };

  it('are those of all files, with the sets of addresses that there are now', () => {
    assert.deepEqual(savedRuleset([tables, script], live), {
      nft: '\ntable inet f {\n}\n',
      ipsets: 'create bans hash:ip\n',
      saved: [{ family: 'ip', tool: 'iptables', text: V4 }],
    });
  });

  it('are those of texts that will be others', () => {
    const texts = new Map([['/etc/nftables.conf', 'flush ruleset\n']]);
    assert.equal(savedRuleset([script], live, texts)?.nft, 'flush ruleset\n');
    assert.equal(savedRuleset([tables], live, texts)?.saved[0]?.text, V4);
  });

  it('are not known where nothing is saved', () => assert.equal(savedRuleset([], live), null));
});

import assert from 'node:assert/strict';
import { nftables } from '../../../src/firewall/nftables/nftables.ts';
import { NO_RULES } from '../../../src/firewall/ruleset.ts';
import { factsOf, type Given } from '../rulesets.ts';

const DEBIAN = '/etc/nftables.conf';
const RED_HAT = '/etc/sysconfig/nftables.conf';
const QUESTION = { range: [49152, 65534], families: ['ipv4'] } as const;

const table = (hook: string, ...rules: readonly string[]): string =>
  `table inet filter { # handle 1\n\tchain input { # handle 1\n\t\ttype filter hook ${hook};\n${rules
    .map((rule, index) => `\t\t${rule} # handle ${index + 2}\n`)
    .join('')}\t}\n}\n`;
const DROPS = table('input priority filter; policy drop');
const facts = (nft: string, given: Given = {}) => factsOf({ ...NO_RULES, nft }, given);

describe('nftables', () => {
  it('is active where a rule or a policy of its own can stop what comes in', () => {
    const active = [DROPS, table('input priority filter; policy accept', 'tcp dport 23 reject')];
    for (const nft of active) assert.equal(nftables.standing(facts(nft)), 'active', nft);
  });

  it('is not active where it only looks on, or judges what goes out', () => {
    const idle = [
      '',
      table('input priority filter; policy accept', 'counter', 'tcp dport 22 accept'),
      table('output priority filter; policy drop'),
    ];
    for (const nft of idle) {
      assert.equal(nftables.standing(facts(nft)), 'absent', nft);
      assert.equal(nftables.standing(facts(nft, { files: { [DEBIAN]: '' } })), 'inactive', nft);
    }
  });
});

describe('what nftables loads at boot', () => {
  const saved = (given: Given, nft = DROPS): unknown => {
    const found = nftables.saved(facts(nft, given));
    return found && [found.files.map(({ path }) => path), found.unit, found.enabled];
  };

  it('is the one script that is there, if its unit is started then', () => {
    const files = { [DEBIAN]: 'flush ruleset\n' };
    assert.deepEqual(saved({ files }), [[DEBIAN], 'nftables.service', false]);
    assert.deepEqual(saved({ files, enabled: ['nftables.service'] }), [[DEBIAN], 'nftables.service', true]);
    assert.equal(saved({ enabled: ['nftables.service'] }), null);
  });

  it('is of two the one that has a chain in force', () => {
    assert.deepEqual(saved({ files: { [RED_HAT]: '# nothing\n', [DEBIAN]: DROPS } }), [
      [DEBIAN],
      'nftables.service',
      false,
    ]);
    assert.deepEqual(saved({ files: { [RED_HAT]: DROPS, [DEBIAN]: DROPS } }), [
      [RED_HAT],
      'nftables.service',
      false,
    ]);
  });

  it('is the text of its script, with the sets that iptables may ask', () => {
    const live = { ...NO_RULES, nft: DROPS, ipsets: 'create bans hash:ip\n' };
    const file = { path: DEBIAN, text: 'flush ruleset\n' };
    assert.deepEqual(nftables.rulesetOf([file], live), { ...NO_RULES, nft: file.text, ipsets: live.ipsets });
    assert.equal(nftables.fileOf({ family: 'inet', table: 'filter', chain: 'input' }, [file]), DEBIAN);
    assert.equal(nftables.fileOf({ family: 'inet', table: 'filter', chain: 'input' }, []), null);
  });

  it('is told where it is missing, or is not loaded', () => {
    const ids = (given: Given): string[] =>
      nftables.findings(facts(DROPS, given), QUESTION).map(({ id, fact }) => `${id}: ${fact}`);
    assert.deepEqual(ids({}), [`boot-none: Neither ${RED_HAT} nor ${DEBIAN} exists.`]);
    assert.deepEqual(ids({ files: { [DEBIAN]: DROPS } }), [
      `boot-not-enabled: nftables.service is not enabled, so ${DEBIAN} is not loaded at boot.`,
    ]);
    assert.deepEqual(ids({ files: { [DEBIAN]: DROPS }, enabled: ['nftables.service'] }), []);
  });
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Question } from '../../../src/firewall/firewall.ts';
import { ufw } from '../../../src/firewall/ufw/ufw.ts';
import { isEnabled, managedFamilies } from '../../../src/firewall/ufw/settings.ts';
import { factsOf, filesOf, rulesetOf, type Given } from '../rulesets.ts';

const ANY = '0.0.0.0/0 any 0.0.0.0/0 in';
const BOTH: Question = { range: [49152, 65534], families: ['ipv4', 'ipv6'] };
const FILES = {
  '/etc/ufw/ufw.conf': 'ENABLED=yes\nLOGLEVEL=low\n',
  '/etc/default/ufw': 'IPV6=yes\nDEFAULT_INPUT_POLICY="DROP"\n',
  '/etc/ufw/user.rules': '',
  '/etc/ufw/user6.rules': '',
};
const facts = (
  files: Record<string, string> = {},
  more: Given = {},
  name = 'ufw',
): ReturnType<typeof factsOf> => factsOf(rulesetOf(name), { files: { ...FILES, ...files }, ...more });
const tuple = (fields: string): string => `### tuple ### ${fields}\n`;

describe('settings of ufw', () => {
  it('are read as the shell reads them', () => {
    for (const [text, on] of [
      ['ENABLED=yes', true],
      ['ENABLED=YES\r\n', true],
      ['ENABLED="yes" # on', true],
      ['ENABLED=no\nENABLED=yes\n', true],
      ['ENABLED=yes\nENABLED=no\n', false],
      ['#ENABLED=yes', false],
      ['XENABLED=yes', false],
      ['', false],
    ] as const)
      assert.equal(isEnabled(filesOf({ '/etc/ufw/ufw.conf': text })), on, text);
    assert.deepEqual(managedFamilies(filesOf({ '/etc/default/ufw': "IPV6='yes'\n" })), ['ipv4', 'ipv6']);
    assert.deepEqual(managedFamilies(filesOf({ '/etc/default/ufw': 'IPV6=no\n' })), ['ipv4']);
    assert.deepEqual(managedFamilies(new Map()), ['ipv4']);
  });
});

describe('places of ufw', () => {
  it('are its chains and INPUT of both families, while it is in force', () => {
    const owned = (family: string, table: string, chain: string, name = 'ufw'): boolean =>
      ufw.owns({ family, table, chain }, facts({}, {}, name));
    for (const chain of ['INPUT', 'ufw-user-input', 'ufw-before-input', 'ufw-reject-input'])
      assert.ok(owned('ip', 'filter', chain), chain);
    assert.ok(owned('ip6', 'filter', 'ufw6-user-input'));
    assert.ok(owned('ip6', 'filter', 'INPUT'));
    assert.ok(!owned('inet', 'filter', 'INPUT'));
    assert.ok(!owned('ip', 'raw', 'PREROUTING'));
    assert.ok(!owned('ip', 'mangle', 'INPUT'));
    assert.ok(!owned('ip', 'filter', 'DOCKER-USER'));
    assert.ok(!owned('ip', 'filter', 'INPUT', 'ufw-off'));
  });
});

describe('ufw', () => {
  it('is tried with the tool that keeps its chains', () => {
    const given = facts();
    const chains = given.chains.map((chain) => ({ ...chain, tool: 'iptables-legacy' as const }));
    const tools = ufw.open({ ...given, chains }, BOTH, true).trial.map(({ tool }) => tool);
    assert.deepEqual(tools, ['iptables-legacy', 'iptables-legacy']);
  });

  it('keeps the range by the rules of each family', () => {
    const open = tuple(`allow tcp 49152:65534 ${ANY}`);
    const open6 = tuple('allow tcp 1024:65535 ::/0 any ::/0 in');
    const keeps = (user: string, user6: string, question = BOTH): boolean | null =>
      ufw.keeps(facts({ '/etc/ufw/user.rules': user, '/etc/ufw/user6.rules': user6 }), question);
    assert.equal(keeps(open, open6), true);
    assert.equal(keeps(open, ''), false);
    assert.equal(keeps(open, '', { ...BOTH, families: ['ipv4'] }), true);
    assert.equal(keeps('', open6, { ...BOTH, families: ['ipv6'] }), true);
    assert.equal(keeps(open, tuple('allow tcp 49152:65534 2001:db8::1 any ::/0 in')), null);
    assert.equal(keeps('', tuple('allow tcp 49152:65534 2001:db8::1 any ::/0 in')), false);
  });

  it('hears of rules that are written by hand around its own', () => {
    const early = (rule: string): string =>
      `*filter\n:ufw-before-input - [0:0]\n-A ufw-before-input ${rule}\nCOMMIT\n`;
    const v4: Question = { ...BOTH, families: ['ipv4'] };
    const user = tuple(`allow tcp 49152:65534 ${ANY}`);
    const given = (rule: string): ReturnType<typeof facts> =>
      facts({ '/etc/ufw/before.rules': early(rule), '/etc/ufw/user.rules': user });
    assert.equal(ufw.keeps(given('-p tcp --dport 50000:50100 -j DROP'), v4), false);
    assert.match(
      ufw.refusal(given('-p tcp --dport 50000:50100 -j DROP'), v4) ?? '',
      /stays: -p tcp --dport 50000:50100/,
    );
    assert.equal(ufw.keeps(given('-p tcp --dport 50000 -m recent --set -j DROP'), v4), null);
    assert.equal(ufw.keeps(given('-p tcp --dport 3306 -j DROP'), v4), true);
  });

  it('says in one sentence what denies the range and what to do', () => {
    const denied = facts({ '/etc/ufw/user.rules': tuple(`deny any 60000 ${ANY}`) });
    assert.equal(
      ufw.refusal(denied, BOTH),
      `A rule of ufw denies ports of 49152-65534 on purpose, and stays: deny any 60000 ${ANY}. To open the range, delete that rule first ("ufw status numbered", "ufw delete NUMBER").`,
    );
    assert.equal(ufw.refusal(denied, { ...BOTH, families: ['ipv6'] }), null);
    assert.equal(ufw.refusal(facts(), BOTH), null);
  });

  it('closes nothing that does not stand in its files as ours', () => {
    const mine = tuple(`allow tcp 50000:50100 ${ANY} comment=6d696e65`);
    assert.deepEqual(ufw.close(facts({ '/etc/ufw/user.rules': mine }), [[50000, 50100]], BOTH), []);
    assert.deepEqual(ufw.close(facts(), [[49152, 65534]], BOTH), []);
  });

  it('is said not to start at boot only while its unit is not enabled', () => {
    assert.deepEqual(
      ufw
        .findings(facts(), BOTH)
        .map(({ id, level }) => `${level} ${id}`)
        .slice(0, 1),
      ['info ufw-not-at-boot'],
    );
    const enabled = { enabled: ['ufw.service'] };
    assert.ok(!ufw.findings(facts({}, enabled), BOTH).some(({ id }) => id === 'ufw-not-at-boot'));
  });

  it('never throws, whatever its files hold', () => {
    const texts = fc.record(
      Object.fromEntries(ufw.files.map((path) => [path, fc.string({ unit: 'binary' })])),
      {
        requiredKeys: [],
      },
    );
    fc.assert(
      fc.property(texts, fc.constantFrom('ufw', 'none', 'firewalld'), (files, name) => {
        const given = factsOf(rulesetOf(name), { files: files as Record<string, string> });
        ufw.standing(given);
        ufw.refusal(given, BOTH);
        ufw.keeps(given, BOTH);
        ufw.open(given, BOTH, true);
        ufw.close(given, ufw.opened(given), BOTH);
        ufw.findings(given, BOTH);
      }),
    );
  });
});

import assert from 'node:assert/strict';
import { parseSaved, placeByNumber, removeRules } from '../../../src/firewall/iptables/saved.ts';
import { samePlace, type Chain } from '../../../src/firewall/ruleset.ts';
import { wordsOf } from '../../../src/firewall/iptables/words.ts';
import { chainsOf, LEGACY, rulesOf, saveOf, V4, V6 } from './kernel.ts';
import { filter, fixture, INPUT, NAMES, place, RULE, savedFixture } from './texts.ts';

/** What the kernel has of these chains, in their order: it adds chains that a table has by itself. */
const liveOf = (live: readonly Chain[] | null | undefined, chains: readonly Chain[]) =>
  chains.map((each) => live?.find((other) => samePlace(other, each)));

/** A chain's hook and rules, however they are quoted. */
const shape = (chain: Chain | undefined) => [
  chain?.base,
  chain?.rules.map(({ text }) => wordsOf(text).map(({ value }) => value)),
];

/** Rules as people write them. */
const BY_HAND = [
  // First, in a kernel that nothing has told its policies.
  '*filter\n-N say\n-P FORWARD DROP\n-A say -j LOG --log-prefix "# say "\n-A INPUT -j say\n-A INPUT -j DROP\nCOMMIT\n',
  filter(
    '-A INPUT -p tcp -j ACCEPT',
    '-I INPUT -p udp -j DROP',
    '-I INPUT 2 -i lo -j ACCEPT',
    '-I INPUT 4 -j DROP',
  ),
  filter(
    '-A INPUT -s 1.1.1.1/32,2.2.2.2/32 -j DROP',
    '-I INPUT 2 -s 5.5.5.5/32,6.6.6.6/32 -j DROP',
    '-A INPUT -j DROP',
  ),
  filter('-A INPUT -i lo -j ACCEPT') + filter('-N BANS', '-A BANS -j DROP', '-A INPUT -j BANS'),
  filter('-4 -A INPUT -j ACCEPT', '-6 -A INPUT -j DROP', '--append INPUT -p tcp -j DROP'),
  '# people\n\n*filter\n:INPUT DROP\n[1:2]-A INPUT -i lo -j ACCEPT\n\n# last\n\t-A  INPUT\t-m comment --comment a"b c" -j DROP\nCOMMIT\n',
];

describe('saved tables in the real kernel', () => {
  for (const flavour of [V4, V6, LEGACY]) {
    const { family, tool } = flavour;
    const names = NAMES.filter((name) => {
      const saved = savedFixture(name);
      return saved.family === family && saved.tool === tool;
    });

    it(`are what was read of them: fixtures of ${tool} ${family}`, () => {
      assert.ok(names.length > 0);
      const live = chainsOf(names.map(fixture), flavour);
      names.forEach((name, index) => {
        const chains = parseSaved(savedFixture(name));
        assert.deepEqual(liveOf(live[index], chains), chains, name);
      });
    });
  }

  for (const flavour of [V4, LEGACY]) {
    it(`are what was read of them: lines by hand, with ${flavour.tool}`, () => {
      chainsOf(BY_HAND, flavour).forEach((live, index) => {
        const text = BY_HAND[index] ?? '';
        const read = parseSaved({ ...flavour, text });
        assert.notEqual(live, null, text);
        assert.deepEqual(liveOf(live, read).map(shape), read.map(shape), text);
      });
    });
  }
});

describe('a placed rule in the real kernel', () => {
  /** Each text with the rule at every place of a chain; the rules that are then in force there. */
  function atEveryPlace(texts: readonly string[], flavour: typeof V4, chain = 'INPUT'): void {
    const where = { ...INPUT, family: flavour.family, chain };
    const name = `filter ${chain}`;
    const plain = texts.map((text) => removeRules(text, 'filter', chain, RULE));
    const loaded = chainsOf(plain, flavour).map((chains) => rulesOf(chains, name) ?? assert.fail('refused'));
    const cases = plain.flatMap((text, index) =>
      [...(loaded[index] ?? []).keys(), null].map((before) => ({
        index,
        before,
        text: place(text, before, where),
      })),
    );
    const live = chainsOf(
      cases.map(({ text }) => text),
      flavour,
    );
    cases.forEach(({ index, before, text }, at) => {
      const expected = (loaded[index] ?? []).toSpliced(before ?? Infinity, 0, RULE);
      assert.deepEqual(rulesOf(live[at], name), expected, text);
    });
  }

  it('has the very number that was asked for, and is taken by iptables-restore --test', () => {
    atEveryPlace(['csf.v4', 'counters.v4', 'comments.v4', 'redhat.v4', 'fail2ban.v4'].map(fixture), V4);
    atEveryPlace([fixture('csf.v4')], V4, 'DENYIN');
    atEveryPlace([fixture('ufw.v4')], V4, 'ufw-user-input');
  }).timeout(60_000);

  it('has it over IPv6 and with iptables-legacy too', () => {
    atEveryPlace([fixture('redhat.v6')], V6);
    atEveryPlace([fixture('legacy.v4')], LEGACY);
  }).timeout(60_000);

  it('has it among lines that people wrote', () => {
    atEveryPlace(BY_HAND, V4);
    atEveryPlace(BY_HAND, LEGACY);
  }).timeout(60_000);

  it('has it by number in a text that changes its rules again', () => {
    const text = filter(
      '-A INPUT -p tcp -j DROP',
      '-A INPUT -i lo -j ACCEPT',
      '-D INPUT 1',
      '-A INPUT -j DROP',
    );
    const texts = [0, 1, null].map(
      (before) => placeByNumber(text, INPUT, before, RULE) ?? assert.fail('no place'),
    );
    const live = chainsOf(texts, V4).map((chains) => rulesOf(chains, 'filter INPUT'));
    const others = ['-i lo -j ACCEPT', '-j DROP'];
    assert.deepEqual(live, [
      [RULE, ...others],
      [others[0], RULE, others[1]],
      [...others, RULE],
    ]);
  });

  it('is printed by iptables-save as it was written', () => {
    const saved = [filter(), place(filter(), null)];
    const [before, after] = saveOf(saved, V4);
    const lines = (text: string | null | undefined): string[] =>
      text?.split('\n').filter((line) => !line.startsWith('#')) ?? assert.fail('refused');
    assert.deepEqual(lines(after), lines(before).toSpliced(-2, 0, `-A INPUT ${RULE}`));
  });
});

describe('a text that iptables-restore refuses', () => {
  it('is told from one that it takes', () => {
    const texts = [filter('nonsense'), filter().replaceAll('\n', '\r\n'), filter()];
    assert.deepEqual(
      chainsOf(texts, V4).map((chains) => chains === null),
      [true, true, false],
    );
  });
});

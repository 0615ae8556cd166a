import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Problem } from '../../../src/core/problem.ts';
import { mergeRanges, type PortRange } from '../../../src/core/range.ts';
import type { Decision } from '../../../src/core/reach.ts';
import type { Denial } from '../../../src/firewall/firewall.ts';
import { iptables } from '../../../src/firewall/iptables/iptables.ts';
import { parseSaved } from '../../../src/firewall/iptables/saved.ts';
import { portsOf } from '../../../src/firewall/iptables/words.ts';
import { chainsOf, V4 } from './kernel.ts';
import { COMMENT, filter, fixture, INPUT, place, RULE, savedFixture } from './texts.ts';

const RANGE: PortRange = [49152, 65534];

const decision = (changes: Partial<Decision> = {}): Decision => ({
  tool: 'iptables',
  ...INPUT,
  index: 5,
  text: '-j REJECT',
  ...changes,
});
const denial = (ports: readonly PortRange[], changes: Partial<Decision> = {}): Denial => ({
  decision: decision(changes),
  ports,
  families: ['ipv4'],
});

describe('an insertion of iptables', () => {
  it('stands directly before the rule that decides, in its chain and flavour', () => {
    assert.deepEqual(iptables.insertionsFor(denial([RANGE])), [
      { tool: 'iptables', ...INPUT, before: 5, text: RULE },
    ]);
    const changes = { tool: 'iptables-legacy', family: 'ip6', table: 'mangle', chain: 'BANS' } as const;
    assert.deepEqual(iptables.insertionsFor(denial([RANGE], { ...changes, index: 0 })), [
      { ...changes, before: 0, text: RULE },
    ]);
  });

  it('stands at the end of the chain whose policy decides', () => {
    const [rule] = iptables.insertionsFor(denial([RANGE], { index: null, text: 'policy drop' }));
    assert.equal(rule?.before, null);
  });

  it('is a rule for each range, joined where ranges touch, a port alone without a colon', () => {
    const texts = iptables
      .insertionsFor(
        denial([
          [60000, 65534],
          [50001, 50010],
          [49152, 50000],
          [50020, 50020],
        ]),
      )
      .map(({ text }) => text);
    assert.deepEqual(texts, [
      `-p tcp -m tcp --dport 49152:50010 ${COMMENT} -j ACCEPT`,
      `-p tcp -m tcp --dport 50020 ${COMMENT} -j ACCEPT`,
      `-p tcp -m tcp --dport 60000:65534 ${COMMENT} -j ACCEPT`,
    ]);
  });

  it('tells its ports back, for any ports', () => {
    const ports = fc.array(
      fc
        .tuple(fc.integer({ min: 1, max: 65000 }), fc.nat(535))
        .map(([low, span]): PortRange => [low, low + span]),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(ports, (given) => {
        const texts = iptables.insertionsFor(denial(given)).map(({ text }) => text);
        assert.deepEqual(texts.flatMap(portsOf), mergeRanges(given));
      }),
    );
  });

  it('is not made for a chain that nft keeps', () => {
    assert.throws(() => iptables.insertionsFor(denial([RANGE], { tool: 'nft' })), Problem);
  });
});

describe('rules of ours in iptables', () => {
  it('are found by their mark, with flavour, place, ports and the rule behind them', () => {
    const live = [savedFixture('redhat.v4'), savedFixture('legacy.v4'), savedFixture('comments.v4')];
    assert.deepEqual(iptables.ours(live.flatMap(parseSaved)), [
      {
        tool: 'iptables',
        ...INPUT,
        text: RULE,
        index: 4,
        ports: [RANGE],
        next: '-j REJECT --reject-with icmp-host-prohibited',
      },
      { tool: 'iptables-legacy', ...INPUT, text: RULE, index: 1, ports: [RANGE], next: null },
    ]);
  });

  it('are not those that nft keeps', () => {
    const chain = { tool: 'nft', ...INPUT, base: null, rules: [{ handle: 1, text: RULE }] } as const;
    assert.deepEqual(iptables.ours([chain]), []);
    assert.equal(iptables.keeps(chain), false);
    assert.equal(iptables.keeps({ ...chain, tool: 'iptables' }), true);
    assert.equal(iptables.keeps({ ...chain, tool: 'iptables-legacy' }), true);
  });
});

describe('a rules file of iptables', () => {
  const V4_PATH = '/etc/iptables/rules.v4';
  const V6_PATH = '/etc/sysconfig/ip6tables';
  const rule = { tool: 'iptables', ...INPUT, text: RULE } as const;
  const saved = filter('-A INPUT -i lo -j ACCEPT', '-A INPUT -j REJECT');

  it('takes the rule at its place, and gives it back without a trace', () => {
    const after = iptables.placeInText(saved, { ...rule, before: 1 }, 2);
    assert.equal(after, saved.replace('-A INPUT -j REJECT', `-A INPUT ${RULE}\n-A INPUT -j REJECT`));
    assert.deepEqual(iptables.oursInText(after, V4_PATH), [{ ...rule, ports: [RANGE] }]);
    assert.equal(iptables.removeFromText(after, [rule]), saved);
    assert.equal(iptables.removeFromText(after, []), after);
  });

  it('has rules of the family that it is for', () => {
    const after = place(saved, null);
    const families = (path: string) => iptables.oursInText(after, path).map(({ family }) => family);
    assert.deepEqual(['/etc/sysconfig/iptables', V4_PATH].flatMap(families), ['ip', 'ip']);
    assert.deepEqual([V6_PATH, '/etc/iptables/rules.v6'].flatMap(families), ['ip6', 'ip6']);
    assert.deepEqual(iptables.oursInText(fixture('comments.v4'), V4_PATH), []);
  });

  it('gives back several rules of ours and leaves what only looks like them', () => {
    const other = { ...rule, text: RULE.replace('49152:65534', '50000') };
    const more = saved.replace('COMMIT', `-A FORWARD ${RULE}\nCOMMIT`);
    const once = iptables.placeInText(more, { ...rule, before: 1 }, 2);
    const twice = iptables.placeInText(once, { ...other, before: 0 }, 3);
    assert.equal(iptables.removeFromText(twice, [rule, other]), more);
    assert.equal(iptables.removeFromText(twice, [other]), once);
  });

  it('takes the rule by number when the kernel counts other rules than the text shows', () => {
    const named = filter('-A INPUT -s two.addresses.example -j DROP', '-A INPUT -j REJECT');
    const after = iptables.placeInText(named, { ...rule, before: 2 }, 3);
    assert.equal(after, named.replace('COMMIT', `-I INPUT 3 ${RULE}\nCOMMIT`));
    assert.deepEqual(iptables.oursInText(after, V4_PATH), [{ ...rule, ports: [RANGE] }]);
    assert.equal(iptables.removeFromText(after, [rule]), named);
    const between = iptables.placeInText(named, { ...rule, before: 1 }, 3);
    assert.equal(between, named.replace('COMMIT', `-I INPUT 2 ${RULE}\nCOMMIT`));
    const atEnd = iptables.placeInText(named, { ...rule, before: null }, 3);
    assert.equal(atEnd, named.replace('COMMIT', `-A INPUT ${RULE}\nCOMMIT`));
  });

  it('takes the rule by number among commands that it does not follow, as the kernel finds it', () => {
    const changed = filter(
      '-A INPUT -p tcp -j DROP',
      '-A INPUT -i lo -j ACCEPT',
      '-D INPUT 1',
      '-A INPUT -j DROP',
    );
    const after = iptables.placeInText(changed, { ...rule, before: 1 }, 2);
    const [live] = chainsOf([after], V4);
    assert.deepEqual(
      iptables.ours(live ?? []).map(({ index, next }) => [index, next]),
      [[1, '-j DROP']],
    );
  });

  it('without the chain refuses the rule with a sentence', () => {
    const refused = { ...rule, chain: 'BANS', before: null };
    assert.throws(
      () => iptables.placeInText(saved, refused, 0),
      (error) =>
        error instanceof Problem &&
        error.code === 'unsupported' &&
        /no chain BANS in table filter/.test(error.message),
    );
    assert.throws(() => iptables.placeInText('', { ...rule, before: 0 }, 1), Problem);
  });

  it('is the one of the place’s family that has its table', () => {
    const files = [
      { path: V6_PATH, text: saved },
      { path: V4_PATH, text: saved },
    ];
    assert.equal(iptables.fileOf(INPUT, files), V4_PATH);
    assert.equal(iptables.fileOf({ ...INPUT, family: 'ip6', chain: 'NEW' }, files), V6_PATH);
    assert.equal(iptables.fileOf({ ...INPUT, table: 'mangle' }, files), null);
    assert.equal(iptables.fileOf({ ...INPUT, family: 'inet' }, files), null);
    assert.equal(iptables.fileOf({ ...INPUT, family: 'ip6' }, files.slice(1)), null);
  });
});

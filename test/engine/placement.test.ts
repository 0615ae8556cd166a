import assert from 'node:assert/strict';
import type { PlacedRule } from '../../src/core/plan.ts';
import type { PortRange } from '../../src/core/range.ts';
import { unknownReach, type Blocked, type Decision, type Family, type Reach } from '../../src/core/reach.ts';
import { ruleName } from '../../src/engine/verdict.ts';
import { denialsOf, findPlacement, surplus, type Realm } from '../../src/engine/placement.ts';
import type { Twin } from '../../src/engine/twin.ts';
import { iptables } from '../../src/firewall/iptables/iptables.ts';
import { nftables } from '../../src/firewall/nftables/nftables.ts';
import { NO_RULES } from '../../src/firewall/ruleset.ts';
import { refusal } from '../core/refusal.ts';
import { factsOf } from '../firewall/rulesets.ts';
import { fakeKeeper, TRIAL } from './keeper.ts';

const decision = (chain: string, index: number | null, text = 'drop'): Decision => {
  return { tool: 'nft', family: 'inet', table: 'filter', chain, index, text };
};
const blocked = (range: PortRange, by: Decision | null): Blocked => {
  return { range, how: 'drop', rule: by && ruleName(by), decision: by, path: by ? [ruleName(by)] : [] };
};
const reach = (...list: readonly Blocked[]): Reach => ({ method: 'twin', open: [], blocked: list, ms: 1 });

const INPUT = decision('input', 7);
const OTHER = decision('other', null, 'policy drop');
const WHOLE: PortRange = [49152, 65534];
const REALM: Realm = {
  keeper: null,
  rulebooks: [iptables, nftables],
  facts: factsOf(NO_RULES),
  overridden: null,
};

describe('denials', () => {
  const of = (reaches: Parameters<typeof denialsOf>[0], realm = REALM): ReturnType<typeof denialsOf> =>
    denialsOf(reaches, realm);

  it('join both families where one place stops the same ports', () => {
    assert.deepEqual(of({ ipv4: reach(blocked(WHOLE, INPUT)), ipv6: reach(blocked(WHOLE, INPUT)) }), [
      { decision: INPUT, ports: [WHOLE], families: ['ipv4', 'ipv6'] },
    ]);
  });

  it('keep families apart where the ports differ', () => {
    const half: PortRange = [50000, 60000];
    assert.deepEqual(of({ ipv4: reach(blocked(WHOLE, INPUT)), ipv6: reach(blocked(half, INPUT)) }), [
      { decision: INPUT, ports: [WHOLE], families: ['ipv4'] },
      { decision: INPUT, ports: [half], families: ['ipv6'] },
    ]);
  });

  it('are one a place, with the pieces that it stops joined', () => {
    const ipv4 = reach(
      blocked([49152, 50000], INPUT),
      blocked([50001, 50002], INPUT),
      blocked([60000, 60001], OTHER),
    );
    assert.deepEqual(of({ ipv4 }), [
      { decision: INPUT, ports: [[49152, 50002]], families: ['ipv4'] },
      { decision: OTHER, ports: [[60000, 60001]], families: ['ipv4'] },
    ]);
  });

  it('are apart where two rules of one chain decide, and where two tools have chains of one name', () => {
    const later = decision('input', 9);
    const legacy = { ...INPUT, tool: 'iptables-legacy' } as const;
    const ipv4 = reach(
      blocked([49152, 50000], INPUT),
      blocked([50001, 50002], later),
      blocked([50003, 50004], legacy),
    );
    assert.deepEqual(
      of({ ipv4 }).map((each) => each.decision),
      [INPUT, later, legacy],
    );
  });

  it('go over ports between them that are open, and not over those that another place stops', () => {
    const ipv4: Reach = {
      ...reach(
        blocked([49152, 50000], INPUT),
        blocked([50011, 50020], INPUT),
        blocked([50021, 50030], OTHER),
        blocked([50031, 50040], INPUT),
      ),
      open: [
        [50001, 50010],
        [50041, 65534],
      ],
    };
    assert.deepEqual(
      of({ ipv4 }).map(({ ports }) => ports),
      [
        [
          [49152, 50020],
          [50031, 50040],
        ],
        [[50021, 50030]],
      ],
    );
  });

  it('are none where all is open', () => assert.deepEqual(of({ ipv4: reach(), ipv6: reach() }), []));

  it('are not guessed where no rule is known, or nothing could be asked', () => {
    assert.throws(
      () => of({ ipv4: reach(blocked([50000, 50009], null)) }),
      refusal('Ports 50000-50009 are stopped by something that no rule shows.', 'unsupported'),
    );
    assert.throws(() => of({ ipv6: unknownReach('No IPv6.') }), refusal('No IPv6.', 'unsupported'));
  });

  it('leave IPv6 out where nobody is heard over it at all', () => {
    const ipv6 = reach(blocked(WHOLE, null));
    assert.deepEqual(of({ ipv4: reach(blocked(WHOLE, INPUT)), ipv6 }), [
      { decision: INPUT, ports: [WHOLE], families: ['ipv4'] },
    ]);
    assert.throws(() => of({ ipv6: { ...ipv6, open: [[21, 21]] } }), /something that no rule shows/);
  });

  it('respect a rule that forbids these very ports, unless it is named', () => {
    const forbids = decision('input', 3, 'tcp dport 49152-65534 drop');
    const rule = 'inet filter input: tcp dport 49152-65534 drop';
    const ipv4 = reach(blocked(WHOLE, forbids));
    const sentence = `Ports 49152-65534 are forbidden on purpose by the rule ${rule}. Remove it, choose another range, or name it: --override '${rule}'.`;
    assert.throws(() => of({ ipv4 }), refusal(sentence, 'unsupported'));
    assert.throws(() => of({ ipv4 }, { ...REALM, overridden: `${rule} ` }), refusal(sentence, 'unsupported'));
    assert.deepEqual(of({ ipv4 }, { ...REALM, overridden: rule }), [
      { decision: forbids, ports: [WHOLE], families: ['ipv4'] },
    ]);
  });

  it('respect a program beside the firewall, and say what it wants', () => {
    const ban = decision('f2b-sshd', 0);
    assert.throws(
      () => of({ ipv4: reach(blocked([50000, 50000], ban)) }),
      refusal(
        'fail2ban stops ports 50000 with the rule inet filter f2b-sshd: drop. fail2ban bans addresses here: "fail2ban-client unban ADDRESS" lets one in again.',
        'unsupported',
      ),
    );
  });
});

describe('a placement', () => {
  /** A twin that answers with one reach after another, and keeps what was put in. */
  function scripted(answers: readonly Partial<Record<Family, Reach>>[]): {
    twin: Twin;
    placed: (readonly PlacedRule[])[];
  } {
    const placed: (readonly PlacedRule[])[] = [];
    let turn = 0;
    const twin: Twin = {
      chains: [],
      ask: () => Promise.resolve(answers[Math.min(turn++, answers.length - 1)] ?? {}),
      askSources: () => Promise.resolve(new Map()),
      place: (rules) => Promise.resolve(void placed.push(rules)),
      remove: () => Promise.resolve(),
      close: () => Promise.resolve(),
    };
    return { twin, placed };
  }
  const question = { range: WHOLE, families: ['ipv4'] } as const;

  it('asks again after each rule, for a packet that is let on can be stopped further down', async () => {
    const { twin, placed } = scripted([
      { ipv4: reach(blocked(WHOLE, INPUT)) },
      { ipv4: reach(blocked(WHOLE, OTHER)) },
      { ipv4: reach() },
    ]);
    const { rules, opening } = await findPlacement(REALM, twin, question);
    assert.deepEqual(
      rules.map(({ chain, before }) => [chain, before]),
      [
        ['input', 7],
        ['other', null],
      ],
    );
    assert.equal(opening, null);
    assert.deepEqual(placed.flat(), rules);
    assert.equal(placed.length, 2);
  });

  it('is made of rules of the tool whose chain decides', async () => {
    const legacy: Decision = {
      tool: 'iptables-legacy',
      family: 'ip',
      table: 'filter',
      chain: 'INPUT',
      index: 2,
      text: '-j DROP',
    };
    const { twin } = scripted([
      { ipv4: reach(blocked([49152, 50000], legacy), blocked([50001, 65534], INPUT)) },
      { ipv4: reach() },
    ]);
    const { rules } = await findPlacement(REALM, twin, question);
    assert.deepEqual(
      rules.map(({ tool, before }) => [tool, before]),
      [
        ['iptables-legacy', 2],
        [undefined, 7],
      ],
    );
  });

  it('is refused where no tool is known for the chain', async () => {
    const { twin } = scripted([{ ipv4: reach(blocked(WHOLE, INPUT)) }]);
    await assert.rejects(
      findPlacement({ ...REALM, rulebooks: [iptables] }, twin, question),
      refusal('No tool is known here that could change inet filter input.', 'unsupported'),
    );
  });

  it('gives a maze up', async () => {
    const { twin, placed } = scripted([{ ipv4: reach(blocked(WHOLE, INPUT)) }]);
    await assert.rejects(
      findPlacement(REALM, twin, question),
      refusal('More than 8 chains decide against the range; it cannot be opened safely.', 'unsupported'),
    );
    assert.equal(placed.length, 8);
  });

  describe('under a program in charge', () => {
    const own = decision('keeper', 4);
    const realm: Realm = { ...REALM, keeper: fakeKeeper() };

    it('is what the program is told, tried by the rules that it will make', async () => {
      const { twin, placed } = scripted([{ ipv4: reach(blocked(WHOLE, own)) }, { ipv4: reach() }]);
      const { rules, opening } = await findPlacement(realm, twin, question);
      assert.deepEqual(rules, []);
      assert.deepEqual(opening?.trial, [TRIAL]);
      assert.deepEqual(placed, [[TRIAL]]);
    });

    it('is a plain rule where the program does not own what decides, and both where both do', async () => {
      const { twin, placed } = scripted([
        { ipv4: reach(blocked([49152, 50000], own), blocked([50001, 65534], INPUT)) },
        { ipv4: reach() },
      ]);
      const { rules, opening } = await findPlacement(realm, twin, question);
      assert.deepEqual(
        rules.map(({ chain }) => chain),
        ['input'],
      );
      assert.deepEqual(placed, [[...(opening?.trial ?? []), ...rules]]);
    });

    it('is refused where the program would still stop it', async () => {
      const { twin } = scripted([{ ipv4: reach(blocked(WHOLE, own)) }]);
      await assert.rejects(
        findPlacement(realm, twin, question),
        refusal(
          'csf can be told to let the range in, and 49152-65534 would still be stopped by the rule inet filter keeper: drop.',
          'unsupported',
        ),
      );
    });
  });
});

describe('a rule of ours', () => {
  const ours = (...ports: readonly PortRange[]) => ({ ...INPUT, next: null, ports });

  it('is surplus when it opens any port outside the range', () => {
    const inside = [ours(WHOLE), ours([49152, 50000], [65000, 65534]), ours([50000, 50000])];
    const outside = [
      ours([49151, 65534]),
      ours([50000, 50001], [21, 21]),
      ours([49152, 65535]),
      ours([30000, 35000]),
    ];
    assert.deepEqual(surplus([...inside, ...outside], WHOLE), outside);
  });

  it('is not surplus when it opens only what is kept beside the range', () => {
    const live = ours([20871, 20871]);
    const more = ours([20870, 20871]);
    assert.deepEqual(surplus([live, more, ours(WHOLE)], WHOLE, [[20871, 20871]]), [more]);
    assert.deepEqual(surplus([live, more], [1, 2], [[1, 65535]]), []);
  });
});

import assert from 'node:assert/strict';
import type { PortRange } from '../../src/core/range.ts';
import { unknownReach, type Blocked, type Decision, type Family, type Reach } from '../../src/core/reach.ts';
import {
  denialsOf,
  findPlacement,
  positionIn,
  surplus,
  translateHandles,
} from '../../src/engine/placement.ts';
import type { Twin } from '../../src/engine/twin.ts';
import type { Chain } from '../../src/firewall/firewall.ts';
import { nftables } from '../../src/firewall/nftables/nftables.ts';
import { refusal } from '../core/refusal.ts';

const decision = (chain: string, handle: number | null): Decision => {
  return { family: 'inet', table: 'filter', chain, handle, text: 'drop' };
};
const blocked = (range: PortRange, by: Decision | null): Blocked => {
  return { range, how: 'drop', rule: null, decision: by, path: [] };
};
const reach = (...list: readonly Blocked[]): Reach => ({ method: 'twin', open: [], blocked: list, ms: 1 });

const INPUT = decision('input', 7);
const OTHER = decision('other', null);
const WHOLE: PortRange = [49152, 65534];

describe('denials', () => {
  it('join both families where one place stops the same ports', () => {
    assert.deepEqual(denialsOf({ ipv4: reach(blocked(WHOLE, INPUT)), ipv6: reach(blocked(WHOLE, INPUT)) }), [
      { decision: INPUT, ports: [WHOLE], families: ['ipv4', 'ipv6'] },
    ]);
  });

  it('keep families apart where the ports differ', () => {
    const half: PortRange = [50000, 60000];
    assert.deepEqual(denialsOf({ ipv4: reach(blocked(WHOLE, INPUT)), ipv6: reach(blocked(half, INPUT)) }), [
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
    assert.deepEqual(denialsOf({ ipv4 }), [
      { decision: INPUT, ports: [[49152, 50002]], families: ['ipv4'] },
      { decision: OTHER, ports: [[60000, 60001]], families: ['ipv4'] },
    ]);
  });

  it('are none where all is open', () => assert.deepEqual(denialsOf({ ipv4: reach(), ipv6: reach() }), []));

  it('are not guessed where no rule is known, or nothing could be asked', () => {
    assert.throws(
      () => denialsOf({ ipv4: reach(blocked([50000, 50009], null)) }),
      refusal('Ports 50000-50009 are stopped by something that no rule of nftables shows.', 'unsupported'),
    );
    assert.throws(() => denialsOf({ ipv6: unknownReach('No IPv6.') }), refusal('No IPv6.', 'unsupported'));
  });
});

describe('a placement', () => {
  /** A twin that answers with one reach after another, and keeps what was loaded. */
  function scripted(answers: readonly Partial<Record<Family, Reach>>[]): { twin: Twin; loaded: string[] } {
    const loaded: string[] = [];
    let turn = 0;
    const twin: Twin = {
      ask: () => Promise.resolve(answers[Math.min(turn++, answers.length - 1)] ?? {}),
      load: (script) => Promise.resolve(void loaded.push(script)),
      listing: () => Promise.resolve(''),
      close: () => Promise.resolve(),
    };
    return { twin, loaded };
  }

  it('asks again after each rule, for a packet that is let on can be stopped further down', async () => {
    const { twin, loaded } = scripted([
      { ipv4: reach(blocked(WHOLE, INPUT)) },
      { ipv4: reach(blocked(WHOLE, OTHER)) },
      { ipv4: reach() },
    ]);
    const found = await findPlacement(nftables, twin, WHOLE, ['ipv4']);
    assert.deepEqual(
      found.map(({ chain, before }) => [chain, before]),
      [
        ['input', 7],
        ['other', null],
      ],
    );
    assert.equal(loaded.length, 2);
  });

  it('gives a maze up', async () => {
    const { twin } = scripted([{ ipv4: reach(blocked(WHOLE, INPUT)) }]);
    await assert.rejects(
      findPlacement(nftables, twin, WHOLE, ['ipv4']),
      refusal('More than 8 chains decide against the range; it cannot be opened safely.', 'unsupported'),
    );
  });
});

const chain = (name: string, ...handles: readonly number[]): Chain => {
  const rules = handles.map((handle) => ({ handle, text: 'accept' }));
  return { family: 'inet', table: 'filter', chain: name, base: null, rules };
};

describe('handles of a copy', () => {
  const place = { family: 'inet', table: 'filter', chain: 'input' };

  it("are found by the rule's position", () => {
    const across = translateHandles(
      [chain('input', 11, 12, 13)],
      [chain('other', 1), chain('input', 2, 3, 4)],
    );
    assert.deepEqual(
      [11, 12, 13].map((handle) => across(place, handle)),
      [2, 3, 4],
    );
  });

  it('are refused where the rules are not the same', () => {
    const changed = refusal(
      'The rules of inet filter input changed while they were read.',
      'change-conflict',
    );
    const live = [chain('input', 11, 12)];
    assert.throws(() => translateHandles(live, [chain('input', 1)])(place, 11), changed);
    assert.throws(() => translateHandles(live, [chain('other', 1, 2)])(place, 11), changed);
    assert.throws(() => translateHandles(live, [chain('input', 1, 2)])(place, 99), changed);
    assert.throws(() => translateHandles([], [chain('input', 1, 2)])(place, 11), changed);
  });

  it('have a position in their chain, none behind its last rule', () => {
    const chains = [chain('input', 11, 12, 13)];
    const at = (before: number | null): unknown => positionIn(chains, { ...place, text: '', before });
    assert.deepEqual(at(12), { index: 1, count: 3 });
    assert.deepEqual(at(null), { index: null, count: 3 });
    assert.deepEqual(positionIn([], { ...place, text: '', before: 1 }), { index: null, count: 0 });
  });
});

describe('a rule of ours', () => {
  const ours = (...ports: readonly PortRange[]) => ({ ...INPUT, handle: 1, next: null, ports });

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
});

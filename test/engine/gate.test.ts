import assert from 'node:assert/strict';
import type { PortRange } from '../../src/core/range.ts';
import { unknownReach, type Blocked, type Decision, type Family, type Reach } from '../../src/core/reach.ts';
import { compare, portList, takeCensus, type Census } from '../../src/engine/gate.ts';
import type { Twin } from '../../src/engine/twin.ts';
import { ruleName } from '../../src/engine/verdict.ts';
import { refusal } from '../core/refusal.ts';

const RANGE: PortRange = [50000, 50099];
const rule = (text: string, index: number | null): Decision => {
  return { tool: 'nft', family: 'inet', table: 'filter', chain: 'input', index, text };
};
const FINAL = rule('reject', 9);
const BAN = rule('ip saddr @bans drop', 2);

const blocked = (range: PortRange, by: Decision | null): Blocked => {
  return { range, how: 'drop', rule: by && ruleName(by), decision: by, path: [] };
};
const reach = (open: readonly PortRange[], ...list: readonly Blocked[]): Reach => {
  return { method: 'twin', open, blocked: list, ms: 1 };
};

/** SSH is open, all else goes to the final rule. */
const SHUT = reach([[22, 22]], blocked([1, 21], FINAL), blocked([23, 65535], FINAL));
const OPEN = reach(
  [[22, 22], RANGE],
  blocked([1, 21], FINAL),
  blocked([23, 49999], FINAL),
  blocked([50100, 65535], FINAL),
);
const OUT = reach([], blocked(RANGE, FINAL));

const census = (ipv4: Reach, named: Readonly<Record<string, Reach>> = {}, ipv6 = ipv4): Census => {
  return { strangers: { ipv4, ipv6 }, named: new Map(Object.entries(named)) };
};
const question = (...families: readonly Family[]) => ({ range: RANGE, families });
const BOTH = question('ipv4', 'ipv6');

interface Row {
  readonly change: string;
  readonly before?: Census;
  readonly after: Census;
  readonly families?: readonly Family[];
  /** Null: it passes. */
  readonly sentence: string | null;
}

const ROWS: readonly Row[] = [
  { change: 'opens the range and nothing else', after: census(OPEN), sentence: null },
  {
    change: 'opens a port beside the range',
    after: census(
      reach([
        [22, 22],
        [50000, 50100],
      ]),
    ),
    sentence: 'The change would also alter other ports over IPv4: open before 22, after 22, 50100.',
  },
  {
    change: 'closes a port over IPv6',
    after: census(OPEN, {}, reach([RANGE], blocked([1, 49999], FINAL), blocked([50100, 65535], FINAL))),
    sentence:
      'The change would also alter other ports over IPv6: open before 22, after nothing. 22 would then be stopped by the rule inet filter input: reject.',
  },
  {
    change: 'closes a port that then gets no answer, and meets no rule',
    after: census(OPEN, {}, reach([RANGE], blocked([1, 49999], null))),
    sentence:
      'The change would also alter other ports over IPv6: open before 22, after nothing. 22 would then be stopped by something that no rule shows.',
  },
  {
    change: 'alters other ports in a family that is not wanted',
    after: census(OPEN, {}, reach([[22, 23]])),
    families: ['ipv4'],
    sentence: 'The change would also alter other ports over IPv6: open before 22, after 22-23.',
  },
  {
    change: 'leaves a wanted family shut',
    after: census(OPEN, {}, SHUT),
    sentence:
      'The range cannot be opened over IPv6: 50000-50099 would still be stopped by the rule inet filter input: reject.',
  },
  {
    change: 'leaves a family shut that is not wanted',
    after: census(OPEN, {}, SHUT),
    families: ['ipv4'],
    sentence: null,
  },
  {
    change: 'leaves a part of the range to something that no rule shows',
    after: census(
      reach(
        [
          [22, 22],
          [50000, 50009],
        ],
        blocked([50010, 65535], null),
      ),
    ),
    sentence:
      'The range cannot be opened over IPv4: 50010-50099 would still be stopped by something that no rule shows.',
  },
  {
    change: 'opens the range over IPv4 where the kernel has no IPv6',
    before: census(SHUT, {}, unknownReach('IPv6 is switched off in this kernel.')),
    after: census(OPEN, {}, unknownReach('IPv6 is switched off in this kernel.')),
    sentence: null,
  },
  {
    change: 'lets somebody in who is banned',
    before: census(SHUT, { '192.0.2.66': reach([], blocked(RANGE, BAN)) }),
    after: census(OPEN, { '192.0.2.66': reach([RANGE]) }),
    sentence:
      'The range cannot be opened without letting in 192.0.2.66, which this rule keeps out: inet filter input: ip saddr @bans drop.',
  },
  {
    change: 'lets somebody in on one port who is banned over IPv6',
    before: census(SHUT, { '2001:db8::66': reach([], blocked(RANGE, BAN)) }),
    after: census(OPEN, { '2001:db8::66': reach([[50007, 50007]], blocked([50008, 50099], BAN)) }),
    sentence:
      'The range cannot be opened without letting in 2001:db8::66, which this rule keeps out: inet filter input: ip saddr @bans drop.',
  },
  {
    change: 'keeps somebody out who is banned',
    before: census(SHUT, { '192.0.2.66': reach([], blocked(RANGE, BAN)) }),
    after: census(OPEN, { '192.0.2.66': reach([], blocked(RANGE, BAN)) }),
    sentence: null,
  },
  {
    change: 'lets somebody in whom the same rule stops as everybody',
    before: census(SHUT, { '192.0.2.7': OUT }),
    after: census(OPEN, { '192.0.2.7': reach([RANGE]) }),
    sentence: null,
  },
  {
    change: 'lets somebody in whom another rule of the same words stops',
    before: census(SHUT, { '192.0.2.7': reach([], blocked(RANGE, rule('reject', 4))) }),
    after: census(OPEN, { '192.0.2.7': reach([RANGE]) }),
    sentence:
      'The range cannot be opened without letting in 192.0.2.7, which this rule keeps out: inet filter input: reject.',
  },
  {
    change: 'lets somebody in who comes to FTP already, by rules of his own',
    before: census(SHUT, { '192.0.2.7': reach([[21, 21]], blocked(RANGE, rule('drop', 4))) }),
    after: census(OPEN, { '192.0.2.7': reach([[21, 21], RANGE]) }),
    sentence: null,
  },
  {
    change: 'lets somebody in who comes to FTP, and to whom these ports are forbidden',
    before: census(SHUT, {
      '192.0.2.7': reach(
        [[21, 21]],
        blocked(RANGE, rule('ip saddr 192.0.2.7 tcp dport 50000-50099 drop', 4)),
      ),
    }),
    after: census(OPEN, { '192.0.2.7': reach([[21, 21], RANGE]) }),
    sentence:
      'The range cannot be opened without letting in 192.0.2.7, which this rule keeps out: inet filter input: ip saddr 192.0.2.7 tcp dport 50000-50099 drop.',
  },
  {
    change: 'opens ports to somebody whose ban is for others',
    before: census(SHUT, {
      '192.0.2.66': reach([], blocked([50000, 50009], BAN), blocked([50010, 50099], FINAL)),
    }),
    after: census(OPEN, { '192.0.2.66': reach([[50010, 50099]], blocked([50000, 50009], BAN)) }),
    sentence: null,
  },
  {
    change: 'lets somebody in whom no rule is known to stop',
    before: census(SHUT, { '192.0.2.66': reach([], blocked(RANGE, null)) }),
    after: census(OPEN, { '192.0.2.66': reach([RANGE]) }),
    sentence: 'The range cannot be opened without letting in 192.0.2.66, which this rule keeps out: unknown.',
  },
];

describe('a change that is compared', () => {
  for (const { change, before = census(SHUT), after, families, sentence } of ROWS) {
    it(`${sentence === null ? 'passes' : 'is refused'} when it ${change}`, () => {
      const compared = (): void =>
        compare(before, after, families === undefined ? BOTH : question(...families));
      if (sentence === null) assert.doesNotThrow(compared);
      else assert.throws(compared, refusal(sentence, 'unsupported'));
    });
  }
});

describe('a census', () => {
  it('asks strangers for every port in both families, and those whom rules name for FTP and the range', async () => {
    const asked: unknown[] = [];
    const named = new Map([['192.0.2.66', OUT]]);
    const twin: Pick<Twin, 'ask' | 'askSources'> = {
      ask: (...question) => Promise.resolve(void asked.push(question)).then(() => ({ ipv4: SHUT })),
      askSources: (...question) => Promise.resolve(void asked.push(question)).then(() => named),
    };
    const taken = await takeCensus(twin as Twin, RANGE);
    assert.deepEqual(taken, { strangers: { ipv4: SHUT }, named });
    assert.deepEqual(asked[0], [
      [1, 65535],
      ['ipv4', 'ipv6'],
    ]);
    assert.deepEqual((asked[1] as unknown[])[0], [[21, 21], RANGE]);
  });
});

describe('a list of ports', () => {
  it('is written as a person reads it', () => {
    assert.equal(portList([]), 'nothing');
    assert.equal(
      portList([
        [22, 22],
        [50000, 50099],
      ]),
      '22, 50000-50099',
    );
  });
});

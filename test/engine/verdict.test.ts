import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { PortRange } from '../../src/core/range.ts';
import type { Decision } from '../../src/core/reach.ts';
import type { Fate } from '../../src/engine/asking.ts';
import type { Outcome } from '../../src/engine/ports.ts';
import { ruleName, verdict } from '../../src/engine/verdict.ts';
import { portsOf } from './twins.ts';

const rule = (text: string, index: number | null = 3, chain = 'input'): Decision => {
  return { tool: 'nft', family: 'inet', table: 'filter', chain, index, text };
};
const fate = (range: PortRange, outcome: Outcome, ...path: readonly Decision[]): Fate => ({
  family: 'ipv4',
  from: '192.0.2.1',
  to: '192.0.2.2',
  range,
  stranger: true,
  outcome,
  decided: outcome === 'open' ? null : (path.at(-1) ?? null),
  path,
});

describe('a verdict', () => {
  it('joins open ports that touch, and blocked ones that share one fate', () => {
    const drop = rule('drop');
    const jump = rule('jump bans', 1);
    const { open, blocked, ms } = verdict(
      [
        fate([1, 21], 'silent', drop),
        fate([22, 22], 'open'),
        fate([23, 40], 'open'),
        fate([41, 50], 'silent', drop),
        fate([51, 60], 'silent', drop),
        fate([61, 70], 'silent', jump, drop),
        fate([71, 80], 'refused', rule('reject')),
      ],
      12.4,
    );
    assert.deepEqual(open, [[22, 40]]);
    assert.equal(ms, 12);
    assert.deepEqual(
      blocked.map(({ range, how, rule: name, path }) => [range, how, name, path.length]),
      [
        [[1, 21], 'drop', 'inet filter input: drop', 1],
        [[41, 60], 'drop', 'inet filter input: drop', 1],
        [[61, 70], 'drop', 'inet filter input: drop', 2],
        [[71, 80], 'reject', 'inet filter input: reject', 1],
      ],
    );
  });

  it('tells a reject by the rule, and by the answer where no rule is known', () => {
    const how = (outcome: Outcome, ...path: readonly Decision[]): unknown =>
      verdict([fate([50000, 50000], outcome, ...path)], 1).blocked[0]?.how;
    assert.equal(how('silent', rule('reject with icmp port-unreachable')), 'reject');
    assert.equal(how('unreachable', rule('-j REJECT --reject-with icmp-port-unreachable')), 'reject');
    assert.equal(how('silent', rule('ip saddr @rejected drop')), 'drop');
    assert.equal(how('silent', rule('policy drop', null)), 'drop');
    assert.equal(how('refused'), 'reject');
    assert.equal(how('unreachable'), 'reject');
    assert.equal(how('silent'), 'unknown');
  });

  it('names no rule where none is known', () => {
    const [blocked] = verdict([fate([50000, 50001], 'silent')], 1).blocked;
    assert.deepEqual(blocked, {
      range: [50000, 50001],
      how: 'unknown',
      rule: null,
      decision: null,
      path: [],
    });
  });

  it('tells the way through the rules of one open port, when only it was asked for', () => {
    const accept = rule('tcp dport 50000 accept');
    assert.deepEqual(verdict([fate([50000, 50000], 'open', accept)], 1, true).path, [ruleName(accept)]);
    assert.equal('path' in verdict([fate([50000, 50000], 'open', accept)], 1), false);
    assert.equal('path' in verdict([fate([50000, 50000], 'silent', accept)], 1, true), false);
    assert.equal('path' in verdict([fate([1, 2], 'open'), fate([3, 4], 'open')], 1, true), false);
  });

  it('speaks of every port that was asked for, and of each once', () => {
    const outcomes = fc.array(fc.constantFrom<Outcome>('open', 'silent', 'refused'), {
      minLength: 1,
      maxLength: 9,
    });
    fc.assert(
      fc.property(outcomes, (given) => {
        const fates = given.map((outcome, index) =>
          fate([index * 10, index * 10 + 9], outcome, ...(outcome === 'open' ? [] : [rule('drop')])),
        );
        const ports = portsOf(verdict(fates, 1));
        assert.deepEqual(
          ports,
          Array.from({ length: given.length * 10 }, (_, index) => index),
        );
      }),
    );
  });
});

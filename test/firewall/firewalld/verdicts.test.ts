import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { PortRange } from '../../../src/core/range.ts';
import type { Family } from '../../../src/core/reach.ts';
import { BOTH, deniesOnPurpose, letsIn, type Verdict } from '../../../src/firewall/firewalld/verdicts.ts';

const RANGE: PortRange = [49152, 65534];
const ALL: PortRange = [1, 65535];

function verdict(does: Verdict['does'], ports: PortRange, more: Partial<Verdict> = {}): Verdict {
  return { does, ports: [ports], families: BOTH, early: false, text: '', ...more };
}

/** What the first verdict that names the port does; nothing lets it in when none does. */
function decide(verdicts: readonly Verdict[], port: number, family: Family): boolean {
  const first = verdicts.find(
    ({ ports, families }) =>
      families.includes(family) && ports.some(([low, high]) => low <= port && port <= high),
  );
  return first?.does === 'accept';
}

describe('verdicts of a zone', () => {
  it('let a range in exactly when the first one for each port does', () => {
    const range = fc
      .tuple(fc.integer({ min: 1, max: 12 }), fc.nat(6))
      .map(([low, more]): PortRange => [low, low + more]);
    const any = fc.record({
      does: fc.constantFrom('accept', 'deny'),
      ports: fc.array(range, { minLength: 1, maxLength: 3 }),
      families: fc.constantFrom<readonly Family[]>(BOTH, ['ipv4'], ['ipv6']),
      early: fc.boolean(),
      text: fc.constant(''),
    });
    fc.assert(
      fc.property(
        fc.array(any, { maxLength: 6 }),
        range,
        fc.constantFrom<Family>(...BOTH),
        (verdicts, asked, family) => {
          const ports = Array.from({ length: asked[1] - asked[0] + 1 }, (_, at) => asked[0] + at);
          const expected = ports.every((port) => decide(verdicts, port, family));
          assert.equal(letsIn(verdicts, asked, [family]), expected);
        },
      ),
    );
  });

  it('let it in only where every family is let in', () => {
    const one = verdict('accept', RANGE, { families: ['ipv4'] });
    assert.equal(letsIn([one], RANGE, ['ipv4']), true);
    assert.equal(letsIn([one], RANGE, BOTH), false);
  });

  it('deny on purpose what they name, and what they stop before anything is let in', () => {
    const named = verdict('deny', [50000, 50100]);
    const early = verdict('deny', ALL, { early: true });
    const last = verdict('deny', ALL);
    assert.equal(deniesOnPurpose([last], RANGE), null);
    assert.equal(deniesOnPurpose([named, last], RANGE), named);
    assert.equal(deniesOnPurpose([early, last], RANGE), early);
    assert.equal(deniesOnPurpose([named], [60000, 60001]), null);
    assert.equal(deniesOnPurpose([verdict('accept', ALL), named], RANGE), null);
    const allowed = verdict('accept', ALL, { families: ['ipv4'] });
    assert.equal(deniesOnPurpose([allowed, named], RANGE), named, 'over IPv6');
  });
});

import fc from 'fast-check';
import type { PortRange } from '../../src/core/range.ts';

/** Random small rulesets about the ports of `range`: sets, ranges and comparisons, chains below chains, any policy. */
export function randomRules([low, high]: PortRange): fc.Arbitrary<string> {
  const port = fc.integer({ min: low, max: high });
  const span = fc
    .tuple(port, port)
    .map(([a, b]) => (a === b ? String(a) : `${Math.min(a, b)}-${Math.max(a, b)}`));
  // nft refuses a set whose parts overlap, so the parts are cut out of an order.
  const set = fc
    .uniqueArray(port, { minLength: 2, maxLength: 8 })
    .map((ports) => ports.sort((a, b) => a - b))
    .map((ports) => {
      const parts = ports.flatMap((each, index) => {
        if (index % 2 === 1) return [];
        const to = ports[index + 1];
        return [to === undefined || index % 4 === 0 ? String(each) : `${each}-${to}`];
      });
      return `{ ${parts.join(', ')} }`;
    });
  const match = fc.oneof(
    { weight: 3, arbitrary: span.map((each) => `tcp dport ${each}`) },
    { weight: 3, arbitrary: set.map((each) => `tcp dport ${each}`) },
    span.map((each) => `tcp dport != ${each}`),
    fc.tuple(fc.constantFrom('<', '<=', '>', '>='), port).map(([sign, each]) => `tcp dport ${sign} ${each}`),
    fc
      .tuple(fc.constantFrom('ipv4', 'ipv6'), span)
      .map(([family, each]) => `meta nfproto ${family} tcp dport ${each}`),
    fc.tuple(span, span).map(([a, b]) => `tcp dport ${a} tcp sport != 1 tcp dport ${b}`),
  );
  const verdicts = [
    'accept',
    'accept',
    'drop',
    'reject',
    'reject with tcp reset',
    'reject with icmpx admin-prohibited',
  ];
  const rule = (...more: readonly string[]): fc.Arbitrary<string> =>
    fc.tuple(match, fc.constantFrom(...verdicts, ...more)).map((parts) => parts.join(' '));
  const rules = (...more: readonly string[]): fc.Arbitrary<string[]> =>
    fc.array(rule(...more), { minLength: 1, maxLength: 5 });
  return fc
    .record({
      low: rules('return'),
      middle: rules('return', 'jump low', 'goto low'),
      top: rules('jump middle', 'goto low', 'jump low'),
      policy: fc.constantFrom('accept', 'drop'),
      final: fc.constantFrom('', 'reject with icmpx admin-prohibited', 'drop', 'accept'),
    })
    .map(({ low: lowest, middle, top, policy, final }) =>
      [
        'table inet filter {',
        ...['chain low {', ...lowest, '}'],
        ...['chain middle {', ...middle, '}'],
        'chain input {',
        `type filter hook input priority filter; policy ${policy};`,
        'ct state established,related accept',
        'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept',
        ...top,
        final,
        '}',
        '}',
        '',
      ].join('\n'),
    );
}

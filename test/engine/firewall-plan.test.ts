import assert from 'node:assert/strict';
import { mergeRanges, subtractRanges, type PortRange } from '../../src/core/range.ts';
import type { Family } from '../../src/core/reach.ts';
import { applyPlan } from '../../src/engine/apply.ts';
import { findPlacement, type Realm } from '../../src/engine/placement.ts';
import { makePlan } from '../../src/engine/planning.ts';
import { openTwin } from '../../src/engine/twin.ts';
import { takeBack } from '../../src/engine/undo.ts';
import { iptables } from '../../src/firewall/iptables/iptables.ts';
import { nftables } from '../../src/firewall/nftables/nftables.ts';
import { NO_RULES } from '../../src/firewall/ruleset.ts';
import { loadInto } from '../firewall/nftables/kernel.ts';
import { factsOf } from '../firewall/rulesets.ts';
import { openLog } from './log.ts';
import { layout, ofNft, REAL, startRealServer } from './real.ts';
import { BOOT, settings } from './server.ts';

const RANGE: PortRange = [49152, 65534];
const ALL: PortRange = [1, 65535];
const BOTH: readonly Family[] = ['ipv4', 'ipv6'];
const REALM: Realm = {
  keeper: null,
  rulebooks: [iptables, nftables],
  facts: factsOf(NO_RULES),
  overridden: null,
};
const OURS = 'accept comment "ftp-passive:managed"';

interface Row {
  readonly name: string;
  /** The rules that are needed: their chain, their text, and the text of the rule that they stand before. */
  readonly rules: readonly (readonly [chain: string, text: string, next: string | null])[];
}

const ROWS: readonly Row[] = [
  { name: 'policy-drop', rules: [['inet filter input', `tcp dport 49152-65534 ${OURS}`, null]] },
  {
    name: 'final-reject',
    rules: [
      ['inet filter INPUT', `tcp dport 49152-65534 ${OURS}`, 'counter reject with icmpx admin-prohibited'],
    ],
  },
  {
    name: 'ip-filter',
    rules: [['ip filter INPUT', `tcp dport 49152-65534 ${OURS}`, 'counter reject']],
  },
  {
    name: 'jumped',
    rules: [['inet filter services', `tcp dport 49152-65534 ${OURS}`, 'meta l4proto tcp drop']],
  },
  {
    name: 'two-hooks',
    rules: [
      ['inet guard early', `tcp dport 49152-65534 ${OURS}`, 'tcp dport 1024-65535 drop'],
      ['inet filter input', `tcp dport 49152-65534 ${OURS}`, 'meta l4proto tcp reject with tcp reset'],
    ],
  },
  {
    name: 'one-family',
    rules: [
      [
        'inet filter input',
        `meta nfproto ipv6 tcp dport 49152-65534 ${OURS}`,
        'meta nfproto ipv6 meta l4proto tcp drop',
      ],
    ],
  },
  {
    name: 'partly',
    rules: [['inet filter input', `tcp dport 49152-65534 ${OURS}`, null]],
  },
  {
    name: 'two-tables',
    rules: [
      ['ip filter INPUT', `tcp dport 49152-65534 ${OURS}`, null],
      ['ip6 filter INPUT', `tcp dport 49152-65534 ${OURS}`, 'reject with icmpv6 admin-prohibited'],
    ],
  },
];

describe('a rule of ours in the real kernel', () => {
  for (const { name, rules } of ROWS) {
    it(`opens the range and nothing else, at its place: ${name}`, async () => {
      const twin = await openTwin(REAL, ofNft(layout(name)));
      try {
        const before = await twin.ask(ALL, BOTH);
        const found = await findPlacement(REALM, twin, { range: RANGE, families: BOTH });
        const told = found.rules.map((rule) => {
          const chain = `${rule.family} ${rule.table} ${rule.chain}`;
          const own = twin.chains.find((each) => `${each.family} ${each.table} ${each.chain}` === chain);
          const next = own?.rules[rule.before ?? -1]?.text ?? null;
          return [chain, rule.text, next?.replace(/ with icmp (type )?host-prohibited$/, '') ?? null];
        });
        assert.deepEqual(told, rules);
        const after = await twin.ask(ALL, BOTH);
        for (const family of BOTH) {
          const was = before[family]?.open.flatMap((open) => subtractRanges(open, [RANGE])) ?? [];
          assert.deepEqual(after[family]?.open, mergeRanges([...was, RANGE]), family);
        }
      } finally {
        await twin.close();
      }
    }).timeout(20_000);
  }
});

describe('the firewall half on a real firewall', () => {
  const only = settings({ only: 'firewall' });
  const plain = (text: string): string => text.replace(/ # handle \d+/g, '');

  for (const [name, boot] of [
    ['final-reject', (rules: string) => `flush ruleset\n\n# kept by hand\n${rules}`],
    ['two-tables', (rules: string) => rules],
  ] as const) {
    it(`is applied, is right then, and is taken back without a trace: ${name}`, async () => {
      const server = await startRealServer(layout(name), boot(layout(name)));
      try {
        const before = [await server.rules(), server.disk.text(BOOT)];
        const plan = await makePlan(server.ports, only);
        const log = openLog();
        const ending = await applyPlan(server.ports, plan, only, log, new AbortController().signal);
        assert.deepEqual([ending.state, ending.problem], ['done', undefined]);
        const saved = loadInto(server.disk.text(BOOT) ?? '');
        const inForce = loadInto(await server.rules());
        assert.deepEqual(saved, inForce, 'the saved rules are those in force');
        assert.equal(nftables.ours(inForce).length, name === 'two-tables' ? 2 : 1);
        assert.equal((await makePlan(server.ports, only)).empty, true);
        assert.equal(await takeBack(server.ports, plan, log.entries, openLog('u1')), null);
        assert.deepEqual([plain(await server.rules()), server.disk.text(BOOT)], before);
      } finally {
        await server.close();
      }
    }).timeout(40_000);
  }

  it('moves to a new range, with the old one open until the end, and back again', async () => {
    const old = layout('policy-drop').replace('2087 } accept\n', `$&\t\ttcp dport 30000-35000 ${OURS}\n`);
    const server = await startRealServer(old, old);
    try {
      const before = [await server.rules(), server.disk.text(BOOT)];
      const wanted = settings({ only: 'firewall', range: [34000, 36000] });
      const plan = await makePlan(server.ports, wanted);
      assert.deepEqual(
        plan.steps.map((step) => ('command' in step ? (step.stdin ?? '').split(' ')[0] : step.kind)),
        ['probe', 'add', 'write', 'check', 'probe', 'write', 'delete', 'write', 'probe'],
      );
      const log = openLog('r2');
      const ending = await applyPlan(server.ports, plan, wanted, log, new AbortController().signal);
      assert.equal(ending.state, 'done', JSON.stringify(ending));
      const inForce = loadInto(await server.rules());
      assert.deepEqual(
        nftables.ours(inForce).map(({ ports }) => ports),
        [[[34000, 36000]]],
      );
      assert.deepEqual(loadInto(server.disk.text(BOOT) ?? ''), inForce);
      assert.equal(await takeBack(server.ports, plan, log.entries, openLog('u2')), null);
      assert.deepEqual([await server.rules(), server.disk.text(BOOT)], before);
    } finally {
      await server.close();
    }
  }).timeout(40_000);
});

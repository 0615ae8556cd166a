import type { Decision } from '../core/reach.ts';
import { targetOf } from '../firewall/iptables/words.ts';

/** Packets that each rule and each policy of iptables-legacy has seen, from the output of `iptables-legacy-save -c`. */
export type Counts = ReadonlyMap<string, Counted>;

interface Counted {
  readonly decision: Decision;
  readonly packets: number;
  /** Whether a packet that it sees goes no further. */
  readonly ends: boolean;
}

/** In which order a connection's packets come to the tables and the chains that are hooked. */
const ORDER = [
  'raw PREROUTING',
  'mangle PREROUTING',
  'nat PREROUTING',
  'mangle INPUT',
  'filter INPUT',
  'security INPUT',
  'raw OUTPUT',
  'mangle OUTPUT',
  'nat OUTPUT',
  'filter OUTPUT',
];
/** Targets behind which a packet comes no further; all others only look at it, change it or let it on. */
const ENDS = ['DROP', 'REJECT', 'TARPIT', 'QUEUE', 'NFQUEUE'];

export function readCounts(family: 'ip' | 'ip6', text: string): Counts {
  const counts = new Map<string, Counted>();
  const seen = new Map<string, number>();
  let table = '';
  for (const line of text.split('\n')) {
    const [, opened] = /^\*(\S+)/.exec(line) ?? [];
    if (opened !== undefined) table = opened;
    const [, policyChain = '', policy, policyPackets] = /^:(\S+) (\S+) \[(\d+):\d+\]/.exec(line) ?? [];
    if (policy !== undefined && policy !== '-') {
      const decision = {
        ...place(family, table, policyChain),
        index: null,
        text: `policy ${policy.toLowerCase()}`,
      };
      counts.set(key(decision), { decision, packets: Number(policyPackets), ends: policy === 'DROP' });
    }
    const [, packets, chain = '', rule = ''] = /^\[(\d+):\d+\] -A (\S+) ?(.*)$/.exec(line) ?? [];
    if (packets === undefined) continue;
    const index = seen.get(`${table} ${chain}`) ?? 0;
    seen.set(`${table} ${chain}`, index + 1);
    const decision = { ...place(family, table, chain), index, text: rule };
    counts.set(key(decision), {
      decision,
      packets: Number(packets),
      ends: ENDS.includes(targetOf(rule) ?? ''),
    });
  }
  return counts;
}

/** A rule that packets met between two counts, and how many. */
export interface Met {
  readonly decision: Decision;
  readonly packets: number;
  readonly ends: boolean;
}

/** What has seen packets between the two counts, in the order of a packet's way. */
export function moved(before: Counts, after: Counts): Met[] {
  return [...after.entries()]
    .map(([id, { decision, packets, ends }]) => {
      return { decision, ends, packets: packets - (before.get(id)?.packets ?? 0) };
    })
    .filter(({ packets }) => packets > 0)
    .toSorted((a, b) => turn(a.decision) - turn(b.decision));
}

/** Whether the way to a rule is known: it stands in a chain that is hooked, or another one leads to its chain. */
export function isReached({ decision: { table, chain } }: Met, met: readonly Met[]): boolean {
  if (ORDER.includes(`${table} ${chain}`)) return true;
  return met.some(({ decision }) => decision.table === table && targetOf(decision.text) === chain);
}

/** User chains come after the hooked chain of their table that leads to them, as near as can be told. */
function turn({ table, chain }: Decision): number {
  const own = ORDER.indexOf(`${table} ${chain}`);
  return own >= 0 ? own : ORDER.indexOf(`${table} INPUT`) + 0.5;
}

function place(
  family: 'ip' | 'ip6',
  table: string,
  chain: string,
): Pick<Decision, 'tool' | 'family' | 'table' | 'chain'> {
  return { tool: 'iptables-legacy', family, table, chain };
}

function key({ table, chain, index }: Decision): string {
  return `${table} ${chain} ${index ?? 'policy'}`;
}

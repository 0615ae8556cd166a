import { addressKind } from '../core/address.ts';
import type { Reach } from '../core/reach.ts';
import type { Proof, Visit } from './proof.ts';

/**
 * What became of one port. `here`: this server's firewall blocks it. `outside`: this server lets it in, so something
 * before it blocks it. `somewhere`: which of the two could not be told. `elsewhere`: clients are sent to another machine.
 */
export interface PortResult {
  readonly port: number;
  readonly result: 'arrived' | 'waiting' | 'here' | 'outside' | 'somewhere' | 'elsewhere';
  /** Where the connections came from. */
  readonly from: readonly string[];
  /** The rule of this server that blocks it, where that is known. */
  readonly rule: string | null;
}

/**
 * `waiting`: not all have come, and there is time left. `open`: all came. `part`: some came. `wrong-address`: none came
 * to the address that clients are told, but by another name of this server they did. `here`, `outside`, `somewhere`:
 * none came, and what is known of who stopped them. `nothing`: none came, and it is not known whether any was sent.
 */
export type Verdict =
  'waiting' | 'open' | 'part' | 'wrong-address' | 'here' | 'outside' | 'somewhere' | 'nothing';

/** What weakens a proof. `self`: connections of this server itself came. `inside`: they came from a private network. */
export type Doubt = 'own-rule' | 'other-address' | 'inside' | 'self' | 'not-told' | 'unknown-address';

export interface Judgement {
  readonly verdict: Verdict;
  readonly ports: readonly PortResult[];
  readonly witnesses: readonly PortResult[];
  readonly doubts: readonly Doubt[];
}

/** What is known beside the visits. */
export interface Circumstances {
  readonly over: boolean;
  /** Whether whoever tries has said that all was tried. */
  readonly tried: boolean;
  /** What this server's firewall does with the visitor and with strangers; null when it was not asked. */
  readonly reach: { readonly visitor: Reach; readonly stranger: Reach } | null;
  /** The addresses of this server's interfaces. */
  readonly held: readonly string[];
}

/** Whether a visit shows that a client outside can get in. */
export function counts(visit: Visit, by: Proof['by'], held: readonly string[]): boolean {
  if (held.includes(visit.from) || addressKind(visit.from) === 'loopback') return false;
  return visit.said === 'token' || (by === 'browser' && visit.said === 'tls');
}

export function judge(proof: Proof, visits: readonly Visit[], known: Circumstances): Judgement {
  const counting = visits.filter((visit) => counts(visit, proof.by, known.held));
  const arrived = (port: number): string[] => [
    ...new Set(counting.filter((visit) => visit.port === port).map(({ from }) => from)),
  ];
  const came = proof.ports.filter((port) => arrived(port).length > 0).length;
  // Another family or a private network is another way, which says nothing about this one.
  const sameWay = (from: string): boolean =>
    from.includes(':') === proof.subject.address.includes(':') && addressKind(from) === 'public';
  const isElsewhere =
    came === 0 && counting.some(({ port, from }) => proof.witnesses.includes(port) && sameWay(from));
  const resultOf = (port: number, asWitness: boolean): PortResult => {
    const from = arrived(port);
    const blocked = known.reach?.visitor.blocked.find(({ range }) => range[0] <= port && port <= range[1]);
    const plain = { port, from, rule: null };
    if (from.length > 0) return { ...plain, result: 'arrived' };
    if (!known.over) return { ...plain, result: 'waiting' };
    if (isElsewhere && !asWitness) return { ...plain, result: 'elsewhere' };
    if (blocked !== undefined) return { ...plain, result: 'here', rule: blocked.rule };
    const isAsked = known.reach !== null && known.reach.visitor.method === 'twin';
    return { ...plain, result: isAsked ? 'outside' : 'somewhere' };
  };
  const ports = proof.ports.map((port) => resultOf(port, false));
  return {
    verdict: verdictOf(ports, { came, isElsewhere, ...known }),
    ports,
    witnesses: proof.witnesses.map((port) => resultOf(port, true)),
    doubts: doubtsOf(proof, visits, counting, known),
  };
}

function verdictOf(
  ports: readonly PortResult[],
  {
    came,
    isElsewhere,
    over,
    tried,
  }: Pick<Circumstances, 'over' | 'tried'> & { came: number; isElsewhere: boolean },
): Verdict {
  if (came === ports.length) return 'open';
  if (!over) return 'waiting';
  if (came > 0) return 'part';
  if (isElsewhere) return 'wrong-address';
  const results = new Set(ports.map(({ result }) => result));
  if (results.has('here')) return 'here';
  if (!tried) return 'nothing';
  return results.has('somewhere') ? 'somewhere' : 'outside';
}

function doubtsOf(
  { subject, visitor, witnesses }: Proof,
  visits: readonly Visit[],
  counting: readonly Visit[],
  { reach, held }: Circumstances,
): Doubt[] {
  const doubts: Doubt[] = [];
  const blocksMore = (reach?.stranger.blocked ?? []).some(({ range: [low, high] }) =>
    (reach?.visitor.open ?? []).some(([from, to]) => from <= high && low <= to),
  );
  if (blocksMore) doubts.push('own-rule');
  const main = counting.filter(({ port }) => !witnesses.includes(port));
  if (visitor !== null && main.some(({ from }) => from !== visitor)) doubts.push('other-address');
  if (main.some(({ from }) => addressKind(from) !== 'public')) doubts.push('inside');
  if (visits.some(({ from }) => held.includes(from) || addressKind(from) === 'loopback')) doubts.push('self');
  if (subject.told !== null && subject.told !== subject.address) doubts.push('not-told');
  if (!subject.known.includes(subject.address)) doubts.push('unknown-address');
  return doubts;
}

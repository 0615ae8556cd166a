import { addressKind } from '../core/address.ts';
import type { Reach } from '../core/reach.ts';
import { blockOf, type Proof, type Visit } from './proof.ts';
import { countingOf, counts, isOwn } from './visits.ts';

/**
 * What became of one port. `here`: this server's firewall blocks it. `outside`: this server lets it in, so something
 * before it blocks it. `somewhere`: which of the two could not be told. `elsewhere`: clients are sent to another
 * machine. `untold`: nothing came, and nothing shows that anything was sent.
 */
export interface PortResult {
  readonly port: number;
  readonly result: 'arrived' | 'waiting' | 'here' | 'outside' | 'somewhere' | 'elsewhere' | 'untold';
  /** Where the connections came from. */
  readonly from: readonly string[];
  /** The rule of this server that blocks it, where that is known. */
  readonly rule: string | null;
}

/**
 * `waiting`: it is not over. `open`: all came. `unproven`: all came, and for a doubt that is named clients fail all the
 * same, or may. `part`: some came. `wrong-address`: none came to the address that clients are told, but by another name
 * of this server they did. `here`: none came, and some or all are blocked by this server. `outside`, `somewhere`: none
 * came, and what is known of who stopped them. `nothing`: what did not come may not have been sent.
 */
export type Verdict = (typeof VERDICTS)[number];

export const VERDICTS = [
  ...(['waiting', 'open', 'unproven', 'part', 'wrong-address'] as const),
  ...(['here', 'outside', 'somewhere', 'nothing'] as const),
] as const;

/**
 * What weakens a proof. `own-rule`: this server lets in whoever tried and blocks others; `banned`: the other way round.
 * `self`: connections of this server itself came. `inside`: they came from a private network.
 */
export type Doubt =
  'own-rule' | 'banned' | 'other-address' | 'inside' | 'self' | 'not-told' | 'unknown-address';

/** With one of these, connections that arrive do not show that those of clients do. */
export const AGAINST: readonly Doubt[] = ['own-rule', 'not-told', 'inside'];

export interface Judgement {
  readonly verdict: Verdict;
  readonly ports: readonly PortResult[];
  /** Tries at another name of this server, to compare with: each `arrived`, `waiting` or `untold`. */
  readonly witnesses: readonly PortResult[];
  readonly doubts: readonly Doubt[];
}

/** What this server's firewall does with whoever tries, and with an address that no rule names. */
export interface Asked {
  readonly visitor: Reach;
  readonly stranger: Reach;
}

/** What is known beside the visits. */
export interface Circumstances {
  readonly over: boolean;
  /** Whether whoever tries has said that all was tried. */
  readonly tried: boolean;
  /** Whether it lasted until its time was over, or until each try of a browser had met its end. */
  readonly waited: boolean;
  /** Null when it was not asked. */
  readonly reach: Asked | null;
  /** The addresses of this server's interfaces. */
  readonly held: readonly string[];
}

export function judge(proof: Proof, visits: readonly Visit[], known: Circumstances): Judgement {
  const { subject, withheld } = proof;
  const { over, held, reach } = known;
  const counting = countingOf(visits, proof, held);
  const arrived = (port: number): string[] => [
    ...new Set(counting.filter((visit) => visit.port === port).map(({ from }) => from)),
  ];
  const came = proof.ports.filter((port) => arrived(port).length > 0).length;
  // Another family or a private network is another way, which says nothing about this one.
  const sameWay = (from: string): boolean =>
    from.includes(':') === subject.address.includes(':') && addressKind(from) === 'public';
  const isWitnessed = counting.some(({ port, from }) => proof.witnesses.includes(port) && sameWay(from));
  const isSent = came > 0 || isWitnessed ? known.tried || known.waited : known.tried && !isInside(proof);
  // An address that this server holds leads here.
  const isElsewhere = came === 0 && isWitnessed && isSent && !held.includes(subject.address);

  const resultOf = (port: number): PortResult => {
    const from = arrived(port);
    const plain = { port, from, rule: null };
    if (from.length > 0) return { ...plain, result: 'arrived' };
    const kept = blockOf(withheld, port);
    if (kept !== undefined) return { ...plain, result: 'here', rule: kept.rule };
    if (!over) return { ...plain, result: 'waiting' };
    if (isElsewhere) return { ...plain, result: 'elsewhere' };
    const blocked = blockOf(reach?.visitor.blocked ?? [], port);
    if (blocked !== undefined) return { ...plain, result: 'here', rule: blocked.rule };
    if (!isSent) return { ...plain, result: 'untold' };
    return { ...plain, result: reach?.visitor.method === 'twin' ? 'outside' : 'somewhere' };
  };
  const witnessOf = (port: number): PortResult => {
    const from = arrived(port);
    const result = from.length > 0 ? 'arrived' : over ? 'untold' : 'waiting';
    return { port, from, rule: null, result };
  };
  const ports = proof.ports.map(resultOf);
  const doubts = doubtsOf(proof, visits, ports, known);
  return {
    verdict: verdictOf(ports, doubts, { over, isElsewhere, isSent }),
    ports,
    witnesses: proof.witnesses.map(witnessOf),
    doubts,
  };
}

/** Whether a browser is in a private network, from where a way out and back in need not exist. */
export function isInside({ visitor }: Pick<Proof, 'visitor'>): boolean {
  return visitor !== null && addressKind(visitor) !== 'public';
}

function verdictOf(
  ports: readonly PortResult[],
  doubts: readonly Doubt[],
  { over, isElsewhere, isSent }: { over: boolean; isElsewhere: boolean; isSent: boolean },
): Verdict {
  const has = (result: PortResult['result']): boolean => ports.some((port) => port.result === result);
  if (!over) return 'waiting';
  if (ports.every(({ result }) => result === 'arrived'))
    return doubts.some((doubt) => AGAINST.includes(doubt)) ? 'unproven' : 'open';
  if (isElsewhere) return 'wrong-address';
  if (has('here')) return has('arrived') ? 'part' : 'here';
  if (!isSent) return 'nothing';
  if (has('arrived')) return 'part';
  return has('somewhere') ? 'somewhere' : 'outside';
}

function doubtsOf(
  { subject, visitor, by }: Proof,
  visits: readonly Visit[],
  ports: readonly PortResult[],
  { reach, held }: Circumstances,
): Doubt[] {
  const doubts: Doubt[] = [];
  if (reach !== null && blocksWhatIsOpen(reach.stranger, reach.visitor)) doubts.push('own-rule');
  if (reach !== null && blocksWhatIsOpen(reach.visitor, reach.stranger)) doubts.push('banned');
  const met = ports.flatMap(({ from }) => from);
  const missed = ports.filter(({ from }) => from.length === 0).map(({ port }) => port);
  const others = visits.some((visit) => missed.includes(visit.port) && counts(visit, by, held));
  if (visitor !== null && (others || met.some((from) => from !== visitor))) doubts.push('other-address');
  if (met.some((from) => addressKind(from) !== 'public')) doubts.push('inside');
  if (visits.some((visit) => isOwn(visit, held))) doubts.push('self');
  if (subject.told !== null && subject.told !== subject.address) doubts.push('not-told');
  if (!subject.known.includes(subject.address)) doubts.push('unknown-address');
  return doubts;
}

function blocksWhatIsOpen({ blocked }: Reach, { open }: Reach): boolean {
  return blocked.some(({ range: [low, high] }) => open.some(([from, to]) => from <= high && low <= to));
}

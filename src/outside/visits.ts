import { addressKind } from '../core/address.ts';
import type { Proof, Visit } from './proof.ts';

/** Connections to one port that are kept, beside the visitor's own: the first has shown that it can be reached. */
const MOST_OF_A_PORT = 10;

type Known = Pick<Proof, 'by' | 'visitor'>;

/** Whether a visit shows that a client outside can get in. @param held the addresses of this server's interfaces */
export function counts(visit: Visit, by: Proof['by'], held: readonly string[]): boolean {
  if (isOwn(visit, held)) return false;
  return visit.said === 'token' || (by === 'browser' && visit.said === 'tls');
}

/** Whether a connection came from this server itself. */
export function isOwn({ from }: Pick<Visit, 'from'>, held: readonly string[]): boolean {
  return held.includes(from) || addressKind(from) === 'loopback';
}

/** What counts. Where the visitor's own address came, what came from others may be anybody's. */
export function countingOf(
  visits: readonly Visit[],
  { by, visitor }: Known,
  held: readonly string[],
): readonly Visit[] {
  const counting = visits.filter((visit) => counts(visit, by, held));
  const own = counting.filter(({ from }) => from === visitor);
  return own.length > 0 ? own : counting;
}

/**
 * Keeps a visit that tells something new. Who knocks at every port of the internet must not take the room of others.
 * @returns whether it was kept
 */
export function keepVisit(
  visits: Visit[],
  visit: Visit,
  { by, visitor }: Known,
  held: readonly string[],
): boolean {
  const isSame = ({ from, said }: Visit): boolean => from === visit.from && said === visit.said;
  const here = visits.filter(({ port }) => port === visit.port);
  const isWelcome = here.length < MOST_OF_A_PORT || visit.from === visitor || visit.said === 'token';
  if (!isWelcome || here.some(isSame)) return false;
  if (!counts(visit, by, held) && !isOwn(visit, held)) return false;
  visits.push(visit);
  return true;
}

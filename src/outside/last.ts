import type { PortRange } from '../core/range.ts';
import { VERDICTS, type Judgement } from './judgement.ts';
import type { By, Proof } from './proof.ts';

/** What the last proof that showed something came to. It names no rule of this server, so that anybody may see it. */
export interface LastProof extends Pick<Judgement, 'verdict' | 'doubts'> {
  /** Wall time of its end, milliseconds. */
  readonly at: number;
  /** Who asked; null: at the machine itself. */
  readonly user: string | null;
  readonly by: By;
  readonly address: string;
  readonly range: PortRange;
  readonly ports: readonly Pick<Judgement['ports'][number], 'port' | 'result'>[];
}

/** A file that is longer was not written by this product. Characters. */
const LONGEST = 8192;

export function lastOf(
  { user, by, subject: { address, range } }: Proof,
  { verdict, doubts, ports }: Judgement,
  at: number,
): LastProof {
  const results = ports.map(({ port, result }) => ({ port, result }));
  return { at, user, by, address, range, verdict, doubts, ports: results };
}

export function writeLast(last: LastProof): string {
  return `${JSON.stringify(last)}\n`;
}

/** What cannot be read is taken for nothing: it can be proven anew. */
export function readLast(text: string): LastProof | null {
  if (text.length > LONGEST) return null;
  try {
    const last = JSON.parse(text) as LastProof;
    const lists: unknown[] = [last.range, last.ports, last.doubts];
    // Another version may know other verdicts.
    const isKnown = Number.isSafeInteger(last.at) && VERDICTS.includes(last.verdict);
    return isKnown && lists.every((list) => Array.isArray(list)) ? last : null;
  } catch {
    return null;
  }
}

import type { Status } from '../core/status.ts';
import type { CauseId } from './causes.ts';

/** What a look at the server adds. `cause`: the one that its facts single out, where they do. */
export interface Fact {
  readonly fact: string | null;
  readonly right?: boolean;
  readonly cause?: CauseId;
  readonly sure?: 'certain' | 'likely';
  readonly others?: readonly CauseId[];
  /** Causes that it rules out, or of which it names a nearer one. */
  readonly not?: readonly (CauseId | null)[];
}

/** What a survey of the server has found of this matter, as one more sentence or as nothing. */
export function alsoFound({ findings }: Status, ids: RegExp): string {
  const found = findings.find(({ id, level }) => level !== 'good' && ids.test(id));
  return found === undefined ? '' : ` ${found.fact}`;
}

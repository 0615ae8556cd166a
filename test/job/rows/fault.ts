import type { CauseId } from '../../../src/diagnosis/causes.ts';
import type { World } from './world.ts';

/** A row of docs/diagnosis.md as something that is done to a server on which all is right, and what then must be said. */
export interface Fault {
  readonly row: number;
  readonly what: string;
  /** What a client wrote before the harm was done, in the same log. */
  before?(world: World): Promise<string>;
  /** Does the harm. It is mended afterwards by the world. */
  make(world: World): Promise<unknown>;
  /** What a client, or a program of the server, has written after that. */
  log(world: World): Promise<string>;
  readonly cause: CauseId;
  /** Another cause that must stand beside it. */
  readonly or?: CauseId;
  /** What is said of this server. */
  readonly fact?: RegExp;
  /**
   * Ids of findings of `status`, each of which was not there while all was right. Empty: only the client sees it, so
   * `status` has nothing new to say.
   */
  readonly status: readonly string[];
}

import type { Remembered } from '../engine/remembered.ts';
import type { EnginePorts } from '../engine/survey.ts';
import type { Proofs } from '../outside/proofs.ts';
import type { Audit } from './audit.ts';
import type { Book } from './book.ts';
import type { Grants } from './grants.ts';
import type { Runner } from './runner.ts';
import type { Tail } from './tail.ts';
import type { WatchPlaces } from './watching.ts';

/** The product as the command line and the daemon use it. */
export interface Product {
  readonly engine: EnginePorts;
  readonly book: Book;
  readonly tail: Tail;
  readonly runner: Runner;
  readonly audit: Audit;
  readonly grants: Grants;
  readonly watch: WatchPlaces;
  readonly outside: Proofs;
  remembered(): Promise<Remembered>;
}

import type { Who } from '../engine/journal.ts';
import { letsIn, type Visitor } from '../engine/way-in.ts';
import { phrase } from '../core/phrase.ts';
import { Problem } from '../core/problem.ts';
import type { Product } from './product.ts';

const TRIES = 10;
const AGAIN_MS = 1000;

/**
 * Keeps what a run changed, if whoever asked for it would still get in over a new connection.
 * @param visitor null: nobody is there who could be cut off
 * @throws Problem `not-proven` when they would not, or when that could not be told
 */
export async function confirmFrom(
  { engine, runner, book }: Pick<Product, 'engine' | 'runner' | 'book'>,
  run: string,
  visitor: Visitor | null,
  who: Who,
): Promise<void> {
  if ((await book.run(run)).unconfirmed === undefined) return;
  const comes = visitor === null ? true : await letsIn(engine, visitor);
  if (visitor !== null && comes !== true) {
    const what =
      comes === null
        ? phrase`It could not be told whether ${visitor.address} still reaches port ${visitor.port}`
        : phrase`A new connection from ${visitor.address} to port ${visitor.port} would not get through the firewall as it is now`;
    throw new Problem(
      'not-proven',
      phrase`${what}: run ${run} is put back unless you log in anew and confirm it there (ftp-passive confirm ${run}).`,
    );
  }
  for (let left = TRIES; ; left -= 1) {
    try {
      await runner.confirm(run, who);
      return;
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'busy' || left === 0) throw error;
      await engine.clock.sleep(AGAIN_MS);
    }
  }
}

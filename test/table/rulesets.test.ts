import assert from 'node:assert/strict';
import { SOAK } from '../house/soak.ts';
import { judge } from './applying.ts';
import type { Entry } from './entry.ts';
import { disagreements } from './reaching.ts';
import { TABLE } from './rulesets/index.ts';
import type { Scene } from './scene.ts';
import { work, type Work } from './workers.ts';

/** What came of an entry: the ports that were told wrong, and of apply what was wrong first, null for nothing. */
interface Judged {
  readonly wrong: readonly string[];
  readonly applied: Error | null;
}

describe('a server with', function () {
  this.timeout(180_000);
  let judged: Work<Judged>;
  before(async () => (judged = await work(TABLE, both)));
  after(() => judged.close());

  TABLE.forEach((entry, at) => {
    describe(entry.name, () => {
      it('is told by reach as real connections tell it', async () => {
        assert.deepEqual((await judged.result(at)).wrong, []);
      });

      it(ending(entry), async () => {
        const { applied } = await judged.result(at);
        if (applied !== null) throw applied;
      });
    });
  });
});

function ending({ expected }: Entry): string {
  if (expected === 'nothing') return 'has nothing for apply to do';
  return expected === 'opens'
    ? 'is opened by apply, and put back'
    : 'is left alone by apply, which names the rule';
}

/** All that is asked takes half as long again: of every third entry there is always time for it. */
function inFull(entry: Entry): boolean {
  return SOAK || TABLE.indexOf(entry) % 3 === 0;
}

/** Both on one server: what reach is held against is what apply starts from. */
async function both(scene: Scene, entry: Entry): Promise<Judged> {
  const truth = await scene.truth();
  const full = inFull(entry);
  const wrong = await disagreements(scene, entry, truth, full);
  const applied = await judge(scene, entry, truth, full).then(
    () => null,
    (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
  );
  return { wrong, applied };
}

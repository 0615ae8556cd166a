import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseJournal } from '../../src/engine/journal.ts';
import { takeBack } from '../../src/engine/undo.ts';
import { SOAK } from '../house/soak.ts';
import { apply, openMachine, stage, unlessStopped, worlds, type Machine, type Stage } from './crashing.ts';

/** What a next start does with the journal that it finds. It writes into a journal of its own. */
function putBack(on: Stage, machine: Machine): Promise<unknown> {
  const log = { ...on.log(machine), journal: () => Promise.resolve() };
  return takeBack(on.ports(machine), on.plan, parseJournal(on.journal()), log);
}

describe('putting back that a crash cuts off', () => {
  it('can be done again until it is done, and then does nothing more', async () => {
    let cut = 0;
    await fc.assert(
      fc.asyncProperty(
        worlds,
        fc.integer({ min: 1, max: 80 }),
        fc.array(fc.integer({ min: 1, max: 30 }), {
          minLength: 1,
          maxLength: 3,
        }),
        async (world, at, again) => {
          const on = await stage(world);
          try {
            const before = on.snapshot();
            await apply(on, openMachine(at));
            for (const moment of again) {
              const machine = openMachine(moment);
              await unlessStopped(machine, putBack(on, machine));
              if (machine.stopped) cut += 1;
            }
            assert.equal(await putBack(on, openMachine(null)), null);
            assert.deepEqual(on.snapshot(), before);
            assert.equal(await putBack(on, openMachine(null)), null);
            assert.deepEqual(on.snapshot(), before);
          } finally {
            on.clear();
          }
        },
      ),
      { numRuns: SOAK ? 400 : 80 },
    );
    assert.ok(cut > 10, `${cut} were cut off`);
  }).timeout(300_000);
});

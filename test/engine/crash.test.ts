import assert from 'node:assert/strict';
import fc from 'fast-check';
import { applyPlan } from '../../src/engine/apply.ts';
import { parseJournal, type Ending } from '../../src/engine/journal.ts';
import { takeBack } from '../../src/engine/undo.ts';
import { Crash, openMachine, stage, worlds, type Machine, type Stage } from './crashing.ts';
import { settings } from './server.ts';

/** Null when the machine stopped in it. */
async function apply(on: Stage, machine: Machine): Promise<Ending | null> {
  try {
    return await applyPlan(
      on.ports(machine),
      on.plan,
      settings(),
      on.log(machine),
      new AbortController().signal,
    );
  } catch (error) {
    assert.ok(error instanceof Crash, String(error));
    return null;
  }
}

/** What the next start does with the journal that it finds. */
async function putBack(on: Stage): Promise<void> {
  const machine = openMachine(null);
  const left = await takeBack(on.ports(machine), on.plan, parseJournal(on.journal()), on.log(machine));
  assert.equal(left, null);
}

describe('a run that a crash cuts off', () => {
  it('is put back from its journal, bytes, modes and times, for any plan and any moment', async function () {
    this.timeout(60_000);
    let [stopped, whole] = [0, 0];
    await fc.assert(
      fc.asyncProperty(worlds, fc.integer({ min: 1, max: 60 }), async (world, at) => {
        const on = await stage(world);
        try {
          const before = on.snapshot();
          const ending = await apply(on, openMachine(at));
          if (ending === null) stopped += 1;
          else whole += 1;
          if (ending?.state === 'undone') assert.deepEqual(on.snapshot(), before);
          else await putBack(on);
          assert.deepEqual(on.snapshot(), before);
        } finally {
          on.clear();
        }
      }),
      { numRuns: 200 },
    );
    assert.ok(stopped > 50 && whole > 10, `${stopped} runs were cut off, ${whole} were not`);
  });

  it('is put back at every single moment of one long plan', async () => {
    const file = { text: 'first\n', mode: 0o640, seconds: 1_000_000.25 };
    const world = {
      first: { a: file, b: null, c: file },
      drafts: [
        { write: 'a', text: 'second\n' },
        { write: 'b', text: 'new\n' },
        { run: { texts: { a: 'third\n', b: null, c: 'made\n' }, code: 0 }, restarts: true },
        { write: 'c', text: null },
        { run: { texts: { c: 'again\n' }, code: 1 }, restarts: false },
      ],
    } as const;
    let moments = 0;
    for (let at = 1; at === 1 || at <= moments; at += 1) {
      const on = await stage(world);
      const before = on.snapshot();
      const machine = openMachine(at);
      const ending = await apply(on, machine);
      moments = Math.max(moments, machine.moments + 1);
      if (ending === null && !on.journal().includes('"undone"')) {
        await putBack(on);
        assert.deepEqual(on.snapshot(), before, `stopped at ${at}`);
      }
      on.clear();
      if (ending !== null) break;
    }
    assert.ok(moments > 60);
  });
});

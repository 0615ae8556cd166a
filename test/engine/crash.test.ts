import assert from 'node:assert/strict';
import fc from 'fast-check';
import { applyPlan } from '../../src/engine/apply.ts';
import { parseJournal, type Ending } from '../../src/engine/journal.ts';
import { takeBack } from '../../src/engine/undo.ts';
import {
  openMachine,
  stage,
  unlessStopped,
  worlds,
  type Machine,
  type Stage,
  type World,
} from './crashing.ts';
import { settings } from './server.ts';

/** Null when the machine stopped in it. */
function apply(on: Stage, machine: Machine): Promise<Ending | null> {
  const cancel = new AbortController().signal;
  return unlessStopped(machine, applyPlan(on.ports(machine), on.plan, settings(), on.log(machine), cancel));
}

/** What the next start does with the journal that it finds. */
async function putBack(on: Stage): Promise<void> {
  const machine = openMachine(null);
  const left = await takeBack(on.ports(machine), on.plan, parseJournal(on.journal()), on.log(machine));
  assert.equal(left, null);
}

/** Whether the machine stopped while the engine was putting things back by itself. */
const onTheWayBack = (on: Stage): boolean => on.journal().includes('"state":"failed"');

const FILE = { text: 'first\n', mode: 0o640, seconds: 1_000_000.25 };
const LONG: World = {
  first: { a: FILE, b: null, c: FILE },
  drafts: [
    { write: 'a', text: 'second\n' },
    { write: 'b', text: 'new\n' },
    { run: { texts: { a: 'third\n', b: null, c: 'made\n' }, code: 0 }, restarts: true },
    { write: 'c', text: null },
    { run: { texts: { c: 'again\n' }, code: 0 }, restarts: false },
  ],
};

describe('a run that a crash cuts off', () => {
  it('is put back from its journal, bytes, modes and times, for any plan and any moment', async () => {
    let [stopped, whole] = [0, 0];
    await fc.assert(
      fc.asyncProperty(worlds, fc.integer({ min: 1, max: 60 }), async (world, at) => {
        const on = await stage(world);
        try {
          const before = on.snapshot();
          const ending = await apply(on, openMachine(at));
          if (ending === null && onTheWayBack(on)) return;
          if (ending === null) stopped += 1;
          else whole += 1;
          if (ending?.state !== 'undone') await putBack(on);
          assert.deepEqual(on.snapshot(), before);
        } finally {
          on.clear();
        }
      }),
      { numRuns: 200 },
    );
    assert.ok(stopped > 50 && whole > 10, `${stopped} runs were cut off, ${whole} were not`);
  }).timeout(60_000);

  it('is put back at every single moment of one long plan', async () => {
    for (let at = 1; ; at += 1) {
      const on = await stage(LONG);
      try {
        const before = on.snapshot();
        const ending = await apply(on, openMachine(at));
        await putBack(on);
        assert.deepEqual(on.snapshot(), before, `stopped at moment ${at}`);
        if (ending === null) continue;
        assert.equal(ending.state, 'done');
        assert.ok(at > 60, `the plan had ${at} moments`);
        return;
      } finally {
        on.clear();
      }
    }
  }).timeout(60_000);

  it('restarts the daemon once where its step had begun, and never where it had not', async () => {
    const restarts = new Set<number>();
    for (const [at, begun] of [
      [20, false],
      [1000, true],
    ] as const) {
      const on = await stage(LONG);
      await apply(on, openMachine(at));
      assert.equal(on.journal().includes('"s3","state":"running"'), begun);
      await putBack(on);
      assert.equal(on.restarts(), begun ? 1 : 0);
      restarts.add(on.restarts());
      on.clear();
    }
    assert.equal(restarts.size, 2);
  });
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseJournal } from '../../src/engine/journal.ts';
import { takeBack } from '../../src/engine/undo.ts';
import { SOAK } from '../house/soak.ts';
import { foldJournal } from '../../src/runs/book.ts';
import type { RunRecord } from '../../src/runs/record.ts';
import { apply, openMachine, stage, worlds, type Stage, type World } from './crashing.ts';

const WHO = { user: 'root', address: 'local', via: 'cli' } as const;

/** What the next start does with the journal that it finds. */
async function putBack(on: Stage): Promise<void> {
  const machine = openMachine(null);
  const left = await takeBack(on.ports(machine), on.plan, parseJournal(on.journal()), on.log(machine));
  assert.equal(left, null);
}

/** The run as the next start shows it. */
function recordOf({ plan, journal }: Stage): RunRecord {
  const begin = {
    at: 'begin',
    verb: 'apply',
    who: WHO,
    started: '2026-11-22T10:22:33.000Z',
    settings: {},
    plan,
  } as const;
  return foldJournal('run', [begin, ...parseJournal(journal())], null) ?? assert.fail();
}

/** What the files hold when every step was done. */
function textsAfter({ first, drafts }: World): Readonly<Record<string, string | null>> {
  const texts: Record<string, string | null> = {};
  for (const [name, file] of Object.entries(first)) texts[name] = file?.text ?? null;
  for (const each of drafts)
    Object.assign(texts, 'write' in each ? { [each.write]: each.text } : each.run.texts);
  return texts;
}

async function staged(world: World, what: (on: Stage) => Promise<unknown>): Promise<void> {
  const on = await stage(world);
  try {
    await what(on);
  } finally {
    on.clear();
  }
}

const FILE = { text: 'first\n', mode: 0o640, seconds: 1_000_000.25 };
const LONG: World = {
  first: { a: FILE, b: null, c: FILE },
  stamped: true,
  drafts: [
    { write: 'a', text: 'second\n' },
    { write: 'b', text: 'new\n' },
    { run: { texts: { a: 'third\n', b: null, c: 'made\n' }, code: 0 }, restarts: true },
    { write: 'c', text: null },
    { run: { texts: { c: 'again\n' }, code: 0 }, restarts: false },
  ],
};

describe('a run that a crash cuts off', () => {
  it('is put back at every boundary of its journal, for any plan, and a second time nothing is done', async () => {
    let [cut, whole, back] = [0, 0, 0];
    await fc.assert(
      fc.asyncProperty(worlds, async (world) => {
        const uncut = openMachine(null);
        await staged(world, async (on) => {
          const before = on.snapshot();
          const ending = await apply(on, uncut);
          if (ending?.state === 'done') {
            whole += 1;
            assert.deepEqual(on.texts(), textsAfter(world));
          } else {
            back += 1;
            assert.deepEqual([ending?.state, on.snapshot()], ['undone', before]);
          }
        });
        for (const at of uncut.boundaries) {
          await staged(world, async (on) => {
            const before = on.snapshot();
            assert.equal(await apply(on, openMachine(at)), null);
            cut += 1;
            assert.equal(recordOf(on).state, 'interrupted');
            await putBack(on);
            assert.deepEqual(on.snapshot(), before, `cut off at moment ${at}`);
            const restarts = on.restarts();
            await putBack(on);
            assert.deepEqual([on.snapshot(), on.restarts()], [before, restarts]);
          });
        }
      }),
      { numRuns: SOAK ? 100 : 15 },
    );
    assert.ok(cut > 80 && whole > 2 && back > 0, `${cut} cut off, ${whole} whole, ${back} put back`);
  }).timeout(600_000);

  it('tells which steps were done, which one was at work and which had not begun', async () => {
    const told = new Set<string>();
    const uncut = openMachine(null);
    await staged(LONG, (on) => apply(on, uncut));
    for (const at of uncut.boundaries)
      await staged(LONG, async (on) => {
        await apply(on, openMachine(at));
        told.add(
          recordOf(on)
            .steps.map(({ state }) => state)
            .join(' '),
        );
      });
    const row = (done: number, running: number): string =>
      Array.from({ length: 5 }, (_, at) =>
        at < done ? 'done' : at < done + running ? 'running' : 'waiting',
      ).join(' ');
    const rows = [0, 1, 2, 3, 4].flatMap((done) => [row(done, 0), row(done, 1)]);
    assert.deepEqual([...told], [...rows, row(5, 0)]);
  }).timeout(120_000);

  for (const [stamped, copied, moments] of [
    [false, 'at their steps', 60],
    [true, 'ahead of their steps', 50],
  ] as const)
    it(`is put back at every single moment of one long plan whose files are copied ${copied}`, async () => {
      for (let at = 1; ; at += 1) {
        const on = await stage({ ...LONG, stamped });
        try {
          const before = on.snapshot();
          const ending = await apply(on, openMachine(at));
          await putBack(on);
          assert.deepEqual(on.snapshot(), before, `stopped at moment ${at}`);
          if (ending === null) continue;
          assert.equal(ending.state, 'done');
          assert.ok(at > moments, `the plan had ${at} moments`);
          return;
        } finally {
          on.clear();
        }
      }
    }).timeout(120_000);

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

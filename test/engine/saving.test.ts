import assert from 'node:assert/strict';
import fc from 'fast-check';
import sinon from 'sinon';
import { ABSENT } from '../../src/core/file.ts';
import type { Plan, Step } from '../../src/core/plan.ts';
import { Problem } from '../../src/core/problem.ts';
import type { Saved } from '../../src/engine/journal.ts';
import type { Files } from '../../src/engine/ports.ts';
import { startSaving, type Saving } from '../../src/engine/saving.ts';
import { openDisk, type Disk } from './disk.ts';
import { openLog } from './log.ts';
import { startServer } from './server.ts';

const BASE = { title: 'T', why: 'W', undoable: true };
const PATHS = ['/etc/a', '/etc/b', '/etc/c'] as const;
const [A, B, C] = PATHS;

const runs = (id: string, touches: readonly string[], unsettles: readonly string[] = []): Step => ({
  ...BASE,
  id,
  kind: 'run',
  command: ['/program'],
  timeoutSeconds: 1,
  touches,
  unsettles,
});
const writes = (id: string, path: string): Step => ({
  ...BASE,
  id,
  kind: 'write',
  path,
  expects: ABSENT,
  before: null,
  after: '',
  diff: '',
});
const planOf = (...steps: Step[]): Plan => ({ id: 'plan', empty: false, steps, notes: [] });
const ticks = async (count: number): Promise<void> => {
  for (let tick = 0; tick < count; tick++) await Promise.resolve();
};
const LONG_ENOUGH = 200;

describe('saving what a run will change', () => {
  let disk: Disk;
  let files: Files;
  /** Every copy that was made, in order. */
  let copied: string[];
  beforeEach(() => {
    let time = 0;
    disk = openDisk(() => (time += 1));
    copied = [];
    files = {
      ...disk.files,
      async save(path, copy) {
        copied.push(`${path} ${copy.split('/').at(-1) ?? ''}`);
        await ticks(3);
        return disk.files.save(path, copy);
      },
    };
    for (const path of PATHS) disk.put(path, `${path} at first`);
  });

  const start = (...steps: Step[]): Saving =>
    startSaving({ ...startServer().ports, files }, planOf(...steps), openLog());
  const texts = (saved: readonly Saved[]): unknown =>
    saved.map(({ path, copy }) => [path, copy === null ? null : disk.text(copy)]);

  const copies = (): string[] => disk.copies().map((path) => path.split('/').at(-1) ?? '');

  it('copies each file once, in the order of the steps, before any step has begun', async () => {
    const saving = start(writes('s1', B), runs('s2', [A, B], [C]));
    await ticks(LONG_ENOUGH);
    assert.deepEqual(copied, [`${B} ahead-0`, `${A} ahead-1`, `${C} ahead-2`]);
    assert.deepEqual(texts(await saving.before(writes('s1', B))), [[B, `${B} at first`]]);
    assert.deepEqual(texts(await saving.before(runs('s2', [A, B], [C]))), [
      [A, `${A} at first`],
      [B, `${B} at first`],
      [C, `${C} at first`],
    ]);
    assert.equal(copied.length, 3);
  });

  it('has for the journal only what is copied whole', async () => {
    const saved = await start(writes('s1', A)).before(writes('s1', A));
    assert.deepEqual(texts(saved), [[A, `${A} at first`]]);
  });

  it('copies a file anew that is another one when its step begins, and keeps the copy beside the first', async () => {
    const steps = [writes('s1', A), writes('s2', B), runs('s3', [A])];
    const saving = start(...steps);
    await ticks(LONG_ENOUGH);
    disk.put(B, 'of somebody else');
    const first = await saving.before(writes('s1', A));
    disk.put(A, 'of the first step');
    assert.deepEqual(texts(await saving.before(writes('s2', B))), [[B, 'of somebody else']]);
    assert.deepEqual(texts(await saving.before(runs('s3', [A]))), [[A, 'of the first step']]);
    assert.deepEqual(texts(first), [[A, `${A} at first`]]);
  });

  it('tells of no copy where a file was not there, or has gone since', async () => {
    disk.put(B, null);
    const saving = start(runs('s1', [A, B]));
    await ticks(LONG_ENOUGH);
    disk.put(A, null);
    assert.deepEqual(await saving.before(runs('s1', [A, B])), [
      { path: A, copy: null },
      { path: B, copy: null },
    ]);
  });

  it('copies a file at its step where no stamp tells whether it has changed', async () => {
    files.stamp = () => Promise.resolve(null);
    const saving = start(writes('s1', A));
    await ticks(LONG_ENOUGH);
    assert.deepEqual(copied, []);
    await saving.before(writes('s1', A));
    assert.deepEqual(copied, [`${A} s1-0`]);
  });

  it('makes at its step what could not be made ahead, and tells why where that fails too', async () => {
    const { save } = files;
    files.save = (path, copy) => {
      const refused = path === B || copy.includes('ahead');
      return refused ? Promise.reject(new Problem('disk-full', `No room for ${path}.`)) : save(path, copy);
    };
    const saving = start(runs('s1', [A]), runs('s2', [A, B]));
    assert.deepEqual(texts(await saving.before(runs('s1', [A]))), [[A, `${A} at first`]]);
    await assert.rejects(saving.before(runs('s2', [A, B])), /^Problem: No room for \/etc\/b\.$/);
  });

  it('begins nothing more when it is ended, and is over when nothing is made any more', async () => {
    let making = 0;
    const { save } = files;
    files.save = async (path, copy) => {
      making += 1;
      await ticks(LONG_ENOUGH);
      return save(path, copy).finally(() => (making -= 1));
    };
    const saving = start(writes('s1', A), writes('s2', B), writes('s3', C));
    await ticks(20);
    assert.equal(making, 1);
    await saving.end();
    assert.equal(making, 1);
    await saving.over();
    assert.equal(making, 0);
    assert.deepEqual([...copied, ...copies()], [`${A} ahead-0`]);
  });

  it('takes away at its end what no step has counted, and nothing else', async () => {
    const steps = [writes('s1', A), writes('s2', B), writes('s3', C)];
    const saving = start(...steps);
    await ticks(LONG_ENOUGH);
    assert.deepEqual(copies(), ['ahead-0', 'ahead-1', 'ahead-2']);
    await saving.before(writes('s1', A));
    disk.put(B, 'of somebody else');
    await saving.before(writes('s2', B));
    await saving.end();
    assert.deepEqual(copies(), ['ahead-0', 's2-0']);
  });

  it('is told of nothing that fails while nobody waits for it', async () => {
    files.stamp = () => Promise.reject(new Error('No stamp.'));
    const unheard = sinon.spy();
    process.on('unhandledRejection', unheard);
    try {
      const saving = start(writes('s1', A), writes('s2', B));
      await new Promise((resolve) => setTimeout(resolve, 5));
      assert.deepEqual(texts(await saving.before(writes('s1', A))), [[A, `${A} at first`]]);
    } finally {
      process.off('unhandledRejection', unheard);
    }
    assert.equal(unheard.callCount, 0);
  });

  it('has what was there when a step began, whoever changes what and when', async () => {
    const change = fc.record({
      wait: fc.nat(12),
      path: fc.constantFrom(...PATHS),
      text: fc.option(fc.constantFrom('', 'one', 'two')),
    });
    const begin = fc.record({ wait: fc.nat(12), touches: fc.uniqueArray(fc.constantFrom(...PATHS)) });
    let [ahead, late] = [0, 0];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(change, begin), { maxLength: 12 }), async (deeds) => {
        const steps = deeds.map((deed, at) => runs(`s${at}`, 'touches' in deed ? deed.touches : []));
        const saving = start(...steps);
        const journal: [Saved, string | null][] = [];
        for (const [at, deed] of deeds.entries()) {
          await ticks(deed.wait);
          if ('text' in deed) disk.put(deed.path, deed.text);
          else {
            const now = new Map(PATHS.map((path) => [path as string, disk.text(path)]));
            const saved = await saving.before(steps[at] ?? assert.fail());
            assert.deepEqual(
              saved.map(({ path }) => path),
              deed.touches,
            );
            for (const each of saved) journal.push([each, now.get(each.path) ?? null]);
          }
        }
        for (const [{ copy }, text] of journal) {
          assert.equal(copy === null ? null : disk.text(copy), text);
          if (copy?.includes('ahead') === true) ahead += 1;
          else if (copy !== null) late += 1;
        }
        await Promise.all([saving.end(), saving.over()]);
      }),
      { numRuns: 500 },
    );
    assert.ok(ahead > 100 && late > 100, `${ahead} ahead of their steps, ${late} at them`);
  });
});

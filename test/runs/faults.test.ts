import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Problem } from '../../src/core/problem.ts';
import { settings } from '../engine/server.ts';
import { SOAK } from '../house/soak.ts';
import { watchFaults, type Call, type Faults } from '../system/faults.ts';
import { WHO } from './house.ts';
import { openRealHouse, type RealHouse } from './real-house.ts';

const ROOM = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** Each call of a run, or one in so many. */
const EVERY = SOAK ? 1 : 3;
/** What a full disk refuses. */
const GROWS = new Set(['open', 'copyFile', 'mkdir', 'link', 'writeFile', 'append']);

describe('a run whose disk fails', () => {
  let folder = '';
  let faults: Faults;
  before(() => {
    folder = mkdtempSync(join(ROOM, 'faults-'));
  });
  beforeEach(async () => {
    faults = await watchFaults(folder, `${folder}.scrap`);
  });
  afterEach(() => faults.restore());
  after(() => {
    for (const path of [folder, `${folder}.scrap`]) rmSync(path, { recursive: true, force: true });
  });

  /** What came of it: `refused`, or how the run ended. */
  async function apply(house: RealHouse): Promise<string> {
    try {
      const started = await house.runner.apply({ settings: settings(), who: WHO });
      assert.ok(started);
      const { state, changed, problem } = await started.ended;
      assert.deepEqual([changed, problem === undefined], [state !== 'undone', state === 'done']);
      return state;
    } catch (error) {
      assert.ok(error instanceof Problem, String(error));
      assert.match(error.message, /^[^\n]+ cannot be (read|written): [^\n]+\.$/);
      return 'refused';
    }
  }

  /** Makes each call in turn the first that fails, until a run makes fewer. Answers how often which end was met. */
  async function sweep(fails: (call: Call, first: number) => string | null): Promise<Record<string, number>> {
    const met: Record<string, number> = {};
    for (let first = 1; ; first += EVERY) {
      rmSync(folder, { recursive: true });
      const house = openRealHouse(folder);
      const before = house.everything();
      Object.assign(faults, { calls: 0, failed: [], fail: (call: Call) => fails(call, first) });
      const came = await apply(house);
      faults.fail = () => null;
      if (faults.failed.length === 0) break;
      met[came] = (met[came] ?? 0) + 1;
      const about = `call ${first}: ${came} after ${faults.failed.slice(0, 3).join(', ')}`;
      const changed = came === 'done' || came === 'failed';
      // Where even taking away failed, an empty file may have stayed beside another.
      if (!changed) assert.deepEqual(house.everything(), before, about);
      await putBack(house, came, about);
      assert.deepEqual(
        house.everything().filter((each) => !/\.ftp-passive-\w+ \S+ $/.test(each)),
        before,
        about,
      );
      // Nor can an own name of the lock be taken away then, while its process lives.
      const held = faults.failed.some((each) => each.startsWith('rm ')) ? /^lock$/ : /^lock/;
      assert.deepEqual(
        house.kept().filter((name) => held.test(name)),
        [],
        about,
      );
    }
    return met;
  }

  /** What the next one finds in the books, and that it can be put back now that the disk is well. */
  async function putBack(house: RealHouse, came: string, about: string): Promise<void> {
    const [record, ...more] = await house.book.list();
    assert.deepEqual([record === undefined, more], [came === 'refused', []], about);
    if (record === undefined) {
      assert.deepEqual(await house.shelf.list(), [], about);
      return;
    }
    // The line that tells of its end may be what found no room.
    assert.ok(record.state === 'interrupted' || record.state === came, `${about}: ${record.state}`);
    if (came !== 'undone') assert.ok(record.changed, about);
    if (!record.changed) return;
    const undo = await house.runner.undo({ run: record.id, who: WHO });
    assert.deepEqual(await undo.ended, { state: 'done', changed: false }, about);
  }

  it('at one call, wherever that is, ends as it says: refused, undone or done', async () => {
    const met = await sweep(({ count }, first) => (count === first ? 'EIO' : null));
    assert.deepEqual(notOf(met, ['done', 'refused', 'undone']), []);
    assert.ok((met['undone'] ?? 0) > 50 / EVERY, JSON.stringify(met));
  }).timeout(180_000);

  it('to take anything more from one call on, wherever that is, ends as it says, and can be put back when there is room', async () => {
    const met = await sweep(({ count, name }, first) =>
      count >= first && GROWS.has(name) ? 'ENOSPC' : null,
    );
    assert.deepEqual(notOf(met, ['done', 'failed', 'refused', 'undone']), []);
    assert.ok((met['undone'] ?? 0) + (met['failed'] ?? 0) > 20 / EVERY, JSON.stringify(met));
  }).timeout(180_000);
});

/** Ends that were met and are not among these. */
function notOf(met: Readonly<Record<string, number>>, ends: readonly string[]): string[] {
  return Object.keys(met).filter((end) => !ends.includes(end));
}

import assert from 'node:assert/strict';
import { Problem } from '../../src/core/problem.ts';
import { settings, startServer } from '../engine/server.ts';
import { scratchDirectory } from '../system/scratch.ts';
import { openHouse, WHO } from './house.ts';

describe('ten who apply at the same time', () => {
  const scratch = scratchDirectory();

  it('get one run, and nine are told which one holds the lock', async () => {
    const server = startServer();
    const houses = Array.from({ length: 10 }, (_, index) => openHouse(scratch(), server, index + 1));
    const asked = await Promise.allSettled(
      houses.map(({ runner }, index) =>
        runner.apply({ settings: settings(), who: { ...WHO, via: index % 2 === 0 ? 'cli' : 'whm' } }),
      ),
    );
    const begun = asked.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    assert.equal(begun.length, 1);
    const run = begun[0]?.run ?? assert.fail();
    const told = asked.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
    for (const reason of told) {
      assert.ok(reason instanceof Problem);
      assert.deepEqual([reason.code, reason.detail], ['busy', run]);
    }
    assert.equal((await begun[0]?.ended)?.state, 'done');
    assert.equal((await houses[0]?.book.list())?.length, 1);
    assert.equal(await houses[0]?.shelf.holder(), null);
  });
});

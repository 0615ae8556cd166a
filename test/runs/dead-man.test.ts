import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import type { Settings } from '../../src/core/settings.ts';
import type { Ending } from '../../src/engine/journal.ts';
import { confirmFrom } from '../../src/runs/confirming.ts';
import { standBy, UNDO_AFTER_SECONDS } from '../../src/runs/dead-man.ts';
import { refusal } from '../core/refusal.ts';
import { RELOAD, SETTINGS } from '../engine/keeper.ts';
import { result, startKept } from '../engine/kept.ts';
import { settings } from '../engine/server.ts';
import { scratchDirectory } from '../system/scratch.ts';
import { openHouse, runId, WHO, type House } from './house.ts';

const wanted: Settings = settings({ only: 'firewall' });
const FIRST = runId(1);

describe('the switch of a run that loads a firewall anew', () => {
  const scratch = scratchDirectory();
  const house = (server = startKept()): House => openHouse(scratch(), server);

  async function applied(on: House): Promise<Ending> {
    const started = await on.runner.apply({ settings: wanted, who: WHO });
    return (await started?.ended) ?? assert.fail('nothing to do');
  }
  /** What the program behind the timer does. */
  const fire = async (on: House): Promise<Ending | null> => {
    const { book, server, runner } = on;
    const done = await standBy({ book, clock: server.ports.clock }, FIRST, () =>
      runner.undo({ run: FIRST, who: WHO, force: true, unlessConfirmed: true }),
    );
    return done === null ? null : done.ended;
  };

  it('is armed and in the journal before the first such step begins, and waits when the run has ended', async () => {
    const on = house();
    const reload = on.server.programs.get(RELOAD) ?? assert.fail();
    let seen: unknown = null;
    on.server.programs.set(RELOAD, async (argv, options) => {
      seen = [[...on.deadMan.armed], (await on.book.run(FIRST)).unconfirmed?.seconds];
      return reload(argv, options);
    });
    assert.equal((await applied(on)).state, 'done');
    assert.deepEqual(seen, [[FIRST], UNDO_AFTER_SECONDS]);
    assert.deepEqual(on.deadMan.told, [`arm ${FIRST} ${UNDO_AFTER_SECONDS}`]);
    assert.equal((await on.book.run(FIRST)).unconfirmed?.seconds, UNDO_AFTER_SECONDS);
  });

  it('keeps the firewall untouched when it cannot be armed', async () => {
    const on = house();
    const before = on.server.state();
    on.deadMan.arm = () => Promise.reject(new Error('no timer'));
    const ending = await applied(on);
    assert.deepEqual([ending.state, ending.problem?.message], ['undone', 'no timer']);
    assert.deepEqual(on.server.state(), before);
    assert.ok(!on.server.calls.some((call) => call.startsWith(RELOAD)));
  });

  it('is disarmed by a confirmation, which the switch then goes by', async () => {
    const on = house();
    await applied(on);
    const after = on.server.state();
    await on.runner.confirm(FIRST, WHO);
    await on.runner.confirm(FIRST, WHO);
    assert.equal((await on.book.run(FIRST)).unconfirmed, undefined);
    assert.deepEqual([...on.deadMan.armed], []);
    assert.equal(await fire(on), null);
    assert.deepEqual(on.server.state(), after);
  });

  it('puts the run back when its time is up, over later edits too, and shows those', async () => {
    const on = house();
    const before = on.server.state();
    await applied(on);
    const { clock } = on.server.ports;
    const began = clock.elapsed();
    on.server.disk.put(SETTINGS, 'a later edit\n');
    assert.equal((await fire(on))?.state, 'done');
    assert.ok(clock.elapsed() - began >= (UNDO_AFTER_SECONDS - 2) * 1000, 'it waited');
    assert.deepEqual(on.server.state(), before);
    assert.match(await on.recording(runId(2)), /\+a later edit/);
    assert.deepEqual([...on.deadMan.armed], []);
    const record = await on.book.run(FIRST);
    assert.deepEqual([record.undoneBy, record.unconfirmed], [runId(2), undefined]);
    assert.equal(await fire(on), null);
  });

  it('puts back a run whose process died in it', async () => {
    const server = startKept();
    const before = server.state();
    const reload = server.programs.get(RELOAD) ?? assert.fail();
    const died = new Promise<void>((resolve) => {
      server.programs.set(RELOAD, async (argv, options) => {
        await reload(argv, options);
        resolve();
        return new Promise(() => undefined);
      });
    });
    const on = house(server);
    await on.runner.apply({ settings: wanted, who: WHO });
    await died;
    rmSync(scratch('state', 'lock'));
    server.programs.set(RELOAD, reload);
    assert.equal((await on.book.run(FIRST)).state, 'interrupted');
    assert.equal((await fire(on))?.state, 'done');
    assert.deepEqual(server.state(), before);
  });

  it('tries again when the firewall does not take it, and gives up in the end', async () => {
    for (const failures of [2, 100]) {
      const on = openHouse(scratch(String(failures)), startKept());
      const before = on.server.state();
      await applied(on);
      const reload = on.server.programs.get(RELOAD) ?? assert.fail();
      let calls = 0;
      on.server.programs.set(RELOAD, (argv, options) =>
        (calls += 1) <= failures ? result(argv, 1) : reload(argv, options),
      );
      const came = (await fire(on))?.state;
      if (failures === 2) {
        assert.equal(came, 'done');
        assert.deepEqual(on.server.state(), before);
      } else {
        assert.equal(came, 'failed');
        assert.equal((await on.book.list()).filter(({ verb }) => verb === 'undo').length, 5);
      }
    }
  });

  it('waits for whoever is at work', async () => {
    const on = house();
    await applied(on);
    const release = await on.shelf.lock(runId(8));
    const { book, server, runner } = on;
    const early: unknown[] = [];
    let looks = 0;
    const clock = {
      ...server.ports.clock,
      async sleep(ms: number) {
        looks += 1;
        early.push((await book.run(FIRST)).undoneBy);
        if (looks === UNDO_AFTER_SECONDS + 5) await release();
        await server.ports.clock.sleep(ms);
      },
    };
    const done = await standBy({ book, clock }, FIRST, () => runner.undo({ run: FIRST, who: WHO }));
    assert.equal((await done?.ended)?.state, 'done');
    assert.ok(looks >= UNDO_AFTER_SECONDS + 5, `${looks} looks`);
    assert.ok(early.every((by) => by === undefined));
  });

  it('is disarmed when the run itself has put everything back', async () => {
    const on = house();
    let calls = 0;
    const reload = on.server.programs.get(RELOAD) ?? assert.fail();
    on.server.programs.set(RELOAD, (argv, options) =>
      (calls += 1) === 1 ? result(argv, 1) : reload(argv, options),
    );
    assert.equal((await applied(on)).state, 'undone');
    assert.deepEqual(on.deadMan.told, [`arm ${FIRST} ${UNDO_AFTER_SECONDS}`, `disarm ${FIRST}`]);
    assert.equal(await fire(on), null);
  });

  it('lets no other run begin over it', async () => {
    const on = house();
    await applied(on);
    await assert.rejects(
      on.runner.apply({ settings: settings({ only: 'firewall', range: [50000, 51000] }), who: WHO }),
      refusal(
        `Run ${FIRST} is not confirmed yet; confirm it (ftp-passive confirm ${FIRST}) or put it back first.`,
        'busy',
      ),
    );
    assert.equal(await on.shelf.holder(), null);
  });

  it('is not confirmed while a run is at work, nor when the run was put back', async () => {
    const on = house();
    await applied(on);
    const release = await on.shelf.lock(runId(8));
    await assert.rejects(
      on.runner.confirm(FIRST, WHO),
      refusal(`Run ${runId(8)} is at work; try again when it has ended.`, 'busy'),
    );
    await release();
    const undo = await on.runner.undo({ run: FIRST, who: WHO });
    await undo.ended;
    await assert.rejects(
      on.runner.confirm(FIRST, WHO),
      refusal(`Run ${FIRST} was put back by run ${undo.run}; there is nothing to confirm.`),
    );
  });

  it('is confirmed for a visitor whom the rules in force let in anew, and for no other', async () => {
    const on = house();
    await applied(on);
    const { book, runner, server } = on;
    const rooms = { book, runner, engine: server.ports };
    const from = (port: number): Promise<void> =>
      confirmFrom(rooms, FIRST, { address: '198.51.100.20', port }, WHO);
    await assert.rejects(from(2222), {
      code: 'not-proven',
      message: `A new connection from 198.51.100.20 to port 2222 would not get through the firewall as it is now: run ${FIRST} is put back unless you log in anew and confirm it there (ftp-passive confirm ${FIRST}).`,
    });
    assert.notEqual((await book.run(FIRST)).unconfirmed, undefined);
    await from(22);
    assert.equal((await book.run(FIRST)).unconfirmed, undefined);
  });

  it('is confirmed at once where nobody is logged in over the network', async () => {
    for (const visitor of [null, { address: '127.0.0.1', port: 2087 }, { address: '::1', port: 22 }]) {
      const on = openHouse(scratch(String(visitor?.address)), startKept());
      await applied(on);
      await confirmFrom({ ...on, engine: on.server.ports }, FIRST, visitor, WHO);
      assert.equal((await on.book.run(FIRST)).unconfirmed, undefined);
    }
  });
});

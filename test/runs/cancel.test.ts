import assert from 'node:assert/strict';
import type { RunCommand } from '../../src/engine/ports.ts';
import { refusal } from '../core/refusal.ts';
import { SETUP, settings, startServer, type Server } from '../engine/server.ts';
import { scratchDirectory } from '../system/scratch.ts';
import { openHouse, runId, WHO } from './house.ts';

const FIRST = runId(1);

/** A server on which a program can be held at work. `goOn` lets it finish; it ends by itself when it is told to. */
function heldServer(): { server: Server; begun: Promise<void>; goOn: () => void } {
  const server = startServer();
  const setup = server.programs.get(SETUP) ?? assert.fail();
  let goOn: () => void = () => undefined;
  let begin: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (goOn = resolve));
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const program: RunCommand = async (argv, options = {}) => {
    begin();
    const ended = new Promise<'ended'>((resolve) =>
      options.end?.addEventListener('abort', () => resolve('ended')),
    );
    const how = await Promise.race([held, ended]);
    const result = await setup(argv, options);
    return how === 'ended' ? { ...result, code: null, signal: 'SIGTERM' } : result;
  };
  server.programs.set(SETUP, program);
  return { server, begun, goOn: () => goOn() };
}

describe('a cancel', () => {
  const scratch = scratchDirectory();

  it('from another process lets the step at work finish, then puts everything back', async () => {
    const { server, begun, goOn } = heldServer();
    const before = server.state();
    const on = openHouse(scratch(), server);
    const other = openHouse(scratch(), server, 5);
    const started = await on.runner.apply({ settings: settings(), who: WHO });
    await begun;
    await other.runner.cancel(FIRST, WHO);
    assert.equal((await other.book.run(FIRST)).cancels, 1);
    await new Promise((resolve) => setTimeout(resolve, 700));
    assert.equal((await other.book.run(FIRST)).state, 'running');
    goOn();
    const ending = await started?.ended;
    assert.deepEqual([ending?.state, ending?.problem?.code], ['undone', 'interrupted']);
    const record = await on.book.run(FIRST);
    assert.ok(record.steps.some(({ state }) => state === 'waiting'));
    assert.deepEqual(server.state(), before);
  });

  it('that comes a second time ends the program at work first', async () => {
    const { server, begun } = heldServer();
    const before = server.state();
    const on = openHouse(scratch(), server);
    const started = await on.runner.apply({ settings: settings(), who: WHO });
    await begun;
    server.programs.set(SETUP, startServer().programs.get(SETUP) ?? assert.fail());
    await on.runner.cancel(FIRST, WHO);
    await on.runner.cancel(FIRST, WHO);
    const ending = await started?.ended;
    assert.deepEqual(
      [ending?.state, ending?.problem?.message],
      ['undone', `Cancelled; ${SETUP} was ended, and what was done is put back.`],
    );
    assert.deepEqual(server.state(), before);
  });

  for (const [which, at] of [
    ['the third step', 's3'],
    ['the last step', 's9'],
  ] as const)
    it(`by whoever started it, in ${which}, finishes that and puts everything back`, async () => {
      const server = startServer();
      const before = server.state();
      const on = openHouse(scratch(), server);
      const cancel = new AbortController();
      const started = await on.runner.apply({
        settings: settings(),
        who: WHO,
        cancel: cancel.signal,
        observe: (event) => {
          if (event.event === 'step' && event.state === 'running' && event.step === at) cancel.abort();
        },
      });
      const ending = await started?.ended;
      assert.deepEqual(
        [ending?.state, ending?.changed, ending?.problem?.code],
        ['undone', false, 'interrupted'],
      );
      assert.equal((await on.book.run(FIRST)).steps.length, 9);
      assert.deepEqual(server.state(), before);
    });

  it('has nothing to stop in a run that is over', async () => {
    const on = openHouse(scratch(), startServer());
    await (
      await on.runner.apply({ settings: settings(), who: WHO })
    )?.ended;
    await assert.rejects(
      on.runner.cancel(FIRST, WHO),
      refusal(`Run ${FIRST} is not at work; there is nothing to cancel.`),
    );
  });
});

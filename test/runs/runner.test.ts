import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Problem } from '../../src/core/problem.ts';
import { makePlan } from '../../src/engine/planning.ts';
import { openBook, type Book } from '../../src/runs/book.ts';
import { openRunner, type Runner, type RunEvent, type Started } from '../../src/runs/runner.ts';
import type { Shelf } from '../../src/runs/shelf.ts';
import { openShelf } from '../../src/system/shelf.ts';
import { refusal } from '../core/refusal.ts';
import { COPIES } from '../engine/disk.ts';
import { exits } from '../engine/applying.ts';
import { BOOT, SETUP, settings, startServer, type Server } from '../engine/server.ts';
import { LOCAL } from '../ftp/cpanel.ts';
import { noSwitch } from './switch.ts';

const WHO = { user: 'root', address: '198.51.100.20', via: 'whm' } as const;
const runId = (count: number): string => `20261122T102233Z-00000${count}`;

interface House {
  readonly server: Server;
  readonly shelf: Shelf;
  readonly book: Book;
  readonly runner: Runner;
  /** Runs that were said to have grown. */
  readonly grown: string[];
  recording(run: string): Promise<string[]>;
}

describe('the runner', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'runs-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function house(server = startServer()): House {
    const kept = openShelf(folder);
    const copyPath: Shelf['copyPath'] = (run, step, index) => `${COPIES}${run}/${step}-${index}`;
    const shelf = { ...kept, copyPath };
    const book = openBook(shelf);
    const grown: string[] = [];
    let count = 0;
    const runner = openRunner({
      engine: server.ports,
      deadMan: noSwitch(),
      shelf,
      book,
      prepareTerminals: () => undefined,
      size: { columns: 120, rows: 40 },
      newRunId: () => runId((count += 1)),
      grew: (run) => void grown.push(run),
    });
    const recording = async (run: string): Promise<string[]> =>
      Buffer.from(await shelf.readRecording(run, 0, 1_000_000))
        .toString()
        .split('\n');
    return { server, shelf, book, runner, grown, recording };
  }

  async function applied(on: House, some: Parameters<typeof settings>[0] = {}): Promise<Started> {
    const started =
      (await on.runner.apply({ settings: settings(some), who: WHO })) ?? assert.fail('nothing to do');
    await started.ended;
    return started;
  }

  it('applies the plan that was shown, and keeps what it did', async () => {
    const on = house();
    const plan = await makePlan(on.server.ports, settings());
    const started = await on.runner.apply({ settings: settings(), who: WHO, planId: plan.id });
    assert.deepEqual(await started?.ended, { state: 'done', changed: true });
    assert.equal(started?.run, runId(1));
    const record = await on.book.run(runId(1));
    assert.deepEqual([record.state, record.verb, record.who, record.changed], ['done', 'apply', WHO, true]);
    assert.deepEqual(record.plan, JSON.parse(JSON.stringify(plan)));
    assert.ok(record.steps.every(({ state }) => state === 'done'));
    assert.ok((record.ended ?? '') > record.started);
    assert.ok(on.grown.length > 0 && on.grown.every((run) => run === runId(1)));
  });

  it('records output and marks, and how the run ended as the last line', async () => {
    const on = house();
    await applied(on);
    const [header = '', ...lines] = (await on.recording(runId(1))).slice(0, -1);
    assert.deepEqual(Object.entries(JSON.parse(header) as object).slice(0, 3), [
      ['version', 2],
      ['width', 120],
      ['height', 40],
    ]);
    const events = lines.map((line) => JSON.parse(line) as [number, string, string]);
    const marks = events.filter(([, code]) => code === 'm').map(([, , text]) => text);
    assert.equal(marks[0], 's1 running: Try the change on a copy of the firewall');
    assert.equal(marks[1], 's1 done: Try the change on a copy of the firewall');
    assert.equal(events.at(-1)?.[2], 'run done: Everything is set up and proven.');
    const output = events.filter(([, code]) => code === 'o').map(([, , text]) => text);
    assert.ok(output.join('').includes(`# ${SETUP} pure-ftpd --force\r\nFTP server conversion complete\r\n`));
    assert.ok(events.every(([at], index) => index === 0 || at >= (events[index - 1]?.[0] ?? 0)));
  });

  it('tells who started it what happens, in order', async () => {
    const on = house();
    const events: RunEvent[] = [];
    const started = await on.runner.apply({
      settings: settings(),
      who: WHO,
      observe: (event) => events.push(event),
    });
    await started?.ended;
    const steps = events.flatMap((each) => (each.event === 'step' ? [`${each.step} ${each.state}`] : []));
    assert.deepEqual(steps.slice(0, 4), ['s1 running', 's1 done', 's2 running', 's2 done']);
    assert.ok(events.some((each) => each.event === 'output' && each.text.includes('conversion complete')));
  });

  it('does nothing, keeps no run and gives the lock back when all is right', async () => {
    const on = house();
    await applied(on);
    const before = on.server.state();
    assert.equal(await on.runner.apply({ settings: settings(), who: WHO }), null);
    assert.equal(await on.shelf.holder(), null);
    assert.deepEqual(
      (await on.book.list()).map(({ id }) => id),
      [runId(1)],
    );
    assert.deepEqual(on.server.state(), before);
  });

  it('refuses a plan that is not the one that was shown', async () => {
    const on = house();
    const { id } = await makePlan(on.server.ports, settings());
    on.server.disk.put(LOCAL, 'TLS: 2\n');
    const before = on.server.state();
    await assert.rejects(
      on.runner.apply({ settings: settings(), who: WHO, planId: id }),
      refusal('The server changed since this plan was shown; look at the new plan first.', 'change-conflict'),
    );
    assert.deepEqual(on.server.state(), before);
    assert.deepEqual([await on.shelf.holder(), await on.book.list()], [null, []]);
  });

  it('refuses before it begins when a file could not be written', async () => {
    const on = house();
    on.server.disk.readOnly.add(BOOT);
    const before = on.server.state();
    await assert.rejects(
      on.runner.apply({ settings: settings(), who: WHO }),
      refusal(`${BOOT} cannot be written: the file system is read-only.`, 'access-denied'),
    );
    assert.deepEqual(on.server.state(), before);
    assert.deepEqual([await on.shelf.holder(), await on.book.list(), on.server.calls], [null, [], []]);
  });

  it('refuses a second run while one is at work, and names that one', async () => {
    const server = startServer();
    const setup = server.programs.get(SETUP) ?? assert.fail();
    let goOn: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    server.programs.set(SETUP, async (argv, options) => {
      await held;
      return setup(argv, options);
    });
    const on = house(server);
    const started = await on.runner.apply({ settings: settings(), who: WHO });
    const busy = refusal(`Run ${runId(1)} is at work; try again when it has ended.`, 'busy');
    await assert.rejects(on.runner.apply({ settings: settings(), who: WHO }), busy);
    await assert.rejects(on.runner.undo({ run: runId(1), who: WHO }), busy);
    assert.equal((await on.book.run(runId(1))).state, 'running');
    goOn();
    assert.equal((await started?.ended)?.state, 'done');
    assert.equal(await on.shelf.holder(), null);
  });

  it('puts back what failed, and says so in the record and the recording', async () => {
    const server = startServer();
    server.programs.set(SETUP, exits(3));
    const before = server.state();
    const on = house(server);
    await applied(on);
    const record = await on.book.run(runId(1));
    assert.deepEqual([record.state, record.changed], ['undone', false]);
    assert.equal(record.problem?.message, `${SETUP} failed with exit code 3.`);
    assert.deepEqual(
      record.steps.map(({ state }) => state),
      ['done', 'undone', 'undone', 'done', 'undone', 'undone', 'waiting', 'waiting', 'waiting'],
    );
    assert.deepEqual(server.state(), before);
    const last = (await on.recording(runId(1))).at(-2) ?? '';
    assert.equal((JSON.parse(last) as unknown[])[2], `run undone: ${SETUP} failed with exit code 3.`);
    assert.equal(await on.shelf.holder(), null);
  });

  it('undoes a run as a run of its own, and marks the one that it undid', async () => {
    const on = house();
    const before = on.server.state();
    const { run } = await applied(on);
    const undo = await on.runner.undo({ run, who: WHO });
    assert.deepEqual(await undo.ended, { state: 'done', changed: false });
    assert.deepEqual(on.server.state(), before);
    const [undone, record] = [await on.book.run(run), await on.book.run(undo.run)];
    assert.deepEqual([undone.undoneBy, undone.changed, undone.state], [undo.run, false, 'done']);
    assert.deepEqual([record.verb, record.undoes, record.state], ['undo', run, 'done']);
    assert.ok(
      record.steps.length > 0 &&
        record.steps.every(({ title, state }) => /^Put back: /.test(title) && state === 'undone'),
    );
    const last = (await on.recording(undo.run)).at(-2) ?? '';
    assert.equal((JSON.parse(last) as unknown[])[2], 'run done: Everything is as it was before.');
  });

  it('undoes a run whose process died in the middle of a program', async () => {
    const server = startServer();
    const before = server.state();
    const setup = server.programs.get(SETUP) ?? assert.fail();
    const died = new Promise<void>((resolve) => {
      server.programs.set(SETUP, () => {
        server.rebuild();
        resolve();
        return new Promise(() => undefined);
      });
    });
    const on = house(server);
    await on.runner.apply({ settings: settings(), who: WHO });
    await died;
    rmSync(join(folder, 'lock'));
    server.programs.set(SETUP, setup);
    assert.deepEqual(await on.book.run(runId(1)).then(({ state, changed }) => [state, changed]), [
      'interrupted',
      true,
    ]);
    const undo = await on.runner.undo({ run: runId(1), who: WHO });
    assert.equal((await undo.ended).state, 'done');
    assert.deepEqual(server.state(), before);
    assert.equal((await on.book.run(runId(1))).undoneBy, undo.run);
  });

  it('has nothing to undo twice, in a run that was put back, or in one that nobody knows', async () => {
    const on = house();
    const { run } = await applied(on);
    await (
      await on.runner.undo({ run, who: WHO })
    ).ended;
    const nothing = refusal(`Run ${run} left nothing changed; there is nothing to put back.`);
    await assert.rejects(on.runner.undo({ run, who: WHO }), nothing);
    for (const name of [runId(8), '../../etc', '']) {
      await assert.rejects(
        on.runner.undo({ run: name, who: WHO }),
        (error) => error instanceof Problem && error.code === 'not-found',
      );
    }
    assert.equal(await on.shelf.holder(), null);
    assert.equal((await on.book.list()).length, 2);
  });

  it("refuses to undo over somebody's later edit, with the diff, and leaves no run behind", async () => {
    const on = house();
    const { run } = await applied(on);
    on.server.disk.put(LOCAL, 'TLS: 2\n');
    const before = on.server.state();
    await assert.rejects(on.runner.undo({ run, who: WHO }), (error) => {
      assert.ok(error instanceof Problem && error.code === 'change-conflict');
      assert.match(error.detail ?? '', /^\+TLS: 2$/m);
      return true;
    });
    assert.deepEqual(on.server.state(), before);
    assert.equal(await on.shelf.holder(), null);
    assert.deepEqual(
      (await on.book.list()).map(({ id }) => id),
      [run],
    );
  });

  it('does not call a run undone that could not be put back whole', async () => {
    const on = house();
    const { run } = await applied(on);
    on.server.disk.readOnly.add(LOCAL);
    const undo = await on.runner.undo({ run, who: WHO });
    const ending = await undo.ended;
    assert.deepEqual(
      [ending.state, ending.changed, ending.problem?.code],
      ['failed', true, 'command-failed'],
    );
    assert.equal((await on.book.run(run)).undoneBy, undefined);
    assert.equal(await on.shelf.holder(), null);
  });

  it('finishes an undo that was cut off when that undo is asked to be undone', async () => {
    const on = house();
    const before = on.server.state();
    const { run } = await applied(on);
    on.server.disk.readOnly.add(LOCAL);
    const failed = await on.runner.undo({ run, who: WHO });
    assert.equal((await failed.ended).state, 'failed');
    on.server.disk.readOnly.delete(LOCAL);
    const again = await on.runner.undo({ run: failed.run, who: WHO });
    assert.equal((await again.ended).state, 'done');
    assert.deepEqual(on.server.state(), before);
    assert.equal((await on.book.run(run)).undoneBy, again.run);
  });

  it('proves nothing while a run is at work', async () => {
    const on = house();
    const release = await on.shelf.lock('20261122T000000Z-000000');
    await assert.rejects(
      on.runner.prove(settings()),
      (error) => error instanceof Problem && error.code === 'busy',
    );
    await release();
    assert.ok((await on.runner.prove(settings())).length > 0);
    assert.equal(await on.shelf.holder(), null);
  });

  it('ends with its lock given back even when the engine itself breaks', async () => {
    const server = startServer();
    const on = house(server);
    let asked = 0;
    const links = server.ports.host.links;
    Object.assign(server.ports.host, {
      links: () => (++asked > 3 ? Promise.reject(new TypeError('no such thing')) : links()),
    });
    const started = await on.runner.apply({ settings: settings(), who: WHO });
    const ending = await started?.ended;
    assert.deepEqual([ending?.state, ending?.problem?.code], ['undone', 'internal']);
    assert.equal(await on.shelf.holder(), null);
  });
});

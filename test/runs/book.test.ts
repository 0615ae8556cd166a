import assert from 'node:assert/strict';
import { Problem } from '../../src/core/problem.ts';
import type { Entry } from '../../src/engine/journal.ts';
import { isRunId, openBook } from '../../src/runs/book.ts';
import type { RunRecord } from '../../src/runs/record.ts';
import { begin, end, memoryShelf } from './memory-shelf.ts';

const RUN = '20261122T102233Z-1a2b3c';
const running = (step: string): Entry => ({ at: 'step', step, state: 'running', saved: [] });
const done = (step: string): Entry => ({ at: 'step', step, state: 'done', tags: {} });
const stopped = (step: string, state: 'failed' | 'undone' | 'left'): Entry => ({
  at: 'step',
  step,
  state,
  message: '',
});

/** What the book makes of a journal, when `held` is the run that a living process holds. */
function recordOf(entries: readonly (Entry | string)[], held: string | null = null): Promise<RunRecord> {
  const shelf = memoryShelf();
  shelf.held = held;
  shelf.write(RUN, ...entries);
  return openBook(shelf).run(RUN);
}

describe('the book', () => {
  it('tells a run that is done from its journal alone', async () => {
    const steps = ['s1', 's2', 's3'].flatMap((step) => [running(step), done(step)]);
    assert.deepEqual(await recordOf([begin(), ...steps, end('done', true)]), {
      id: RUN,
      verb: 'apply',
      who: { user: 'root', address: 'local', via: 'cli' },
      started: '2026-11-22T10:22:33.000Z',
      ended: '2026-11-22T10:22:43.000Z',
      state: 'done',
      changed: true,
      settings: { range: '50000-50010' },
      plan: (begin() as Extract<Entry, { at: 'begin' }>).plan,
      steps: ['s1', 's2', 's3'].map((id) => ({ id, title: `Title of ${id}`, state: 'done' })),
    });
  });

  it('tells where a run is that goes on', async () => {
    const record = await recordOf([begin(), running('s1'), done('s1'), running('s2')], RUN);
    assert.equal(record.state, 'running');
    assert.equal(record.changed, true);
    assert.equal('ended' in record, false);
    assert.deepEqual(
      record.steps.map(({ state }) => state),
      ['done', 'running', 'waiting'],
    );
  });

  it('reads again only what was written since, and forgets what is gone', async () => {
    const shelf = memoryShelf();
    const other = '20261122T102234Z-1a2b3c';
    for (const run of [RUN, other]) shelf.write(run, begin(), running('s1'));
    const book = openBook(shelf);
    const states = async (): Promise<string[]> =>
      (await book.list()).map(({ id, state }) => `${id} ${state}`);
    assert.deepEqual(await states(), [`${RUN} interrupted`, `${other} interrupted`]);
    shelf.held = other;
    shelf.write(RUN, done('s1'), end('done', true));
    assert.deepEqual(await states(), [`${RUN} done`, `${other} running`]);
    assert.deepEqual(shelf.asked, [RUN, other, RUN]);
    assert.equal((await book.entries(RUN)).length, 4);
    await shelf.remove(RUN);
    assert.deepEqual(await states(), [`${other} running`]);
    await assert.rejects(book.run(RUN), /There is no run/);
  });

  it('does not keep a long journal in mind', async () => {
    const shelf = memoryShelf();
    shelf.write(RUN, begin(), ...Array.from({ length: 2000 }, () => running('s1')));
    const book = openBook(shelf);
    for (let time = 0; time < 2; time++) await book.list();
    assert.deepEqual(shelf.asked, [RUN, RUN]);
  });

  it('calls a run interrupted that has no end and that nobody holds', async () => {
    const entries = [begin(), running('s1')];
    assert.equal((await recordOf(entries)).state, 'interrupted');
    assert.equal((await recordOf(entries, '20261122T102233Z-ffffff')).state, 'interrupted');
    assert.equal((await recordOf(entries)).changed, true);
    assert.equal((await recordOf([begin()])).changed, false);
  });

  it('says of a run that was cut off in a question before anything else that it changed nothing', async () => {
    const { plan } = begin() as Extract<Entry, { at: 'begin' }>;
    const [first, ...rest] = plan.steps;
    const question = { id: first?.id ?? '', title: 'Q', why: '', kind: 'check', question: { ask: 'reach' } };
    const asks = begin({ plan: { ...plan, steps: [question as (typeof rest)[number], ...rest] } });
    assert.equal((await recordOf([asks, running('s1'), done('s1')])).changed, false);
    assert.equal((await recordOf([asks, running('s1'), done('s1'), running('s2')])).changed, true);
    assert.equal((await recordOf([asks, running('s2'), stopped('s2', 'undone')])).changed, false);
    assert.equal((await recordOf([asks, running('s2'), stopped('s2', 'left')])).changed, true);
  });

  it('believes the end over the lock, which is given back a moment later', async () => {
    assert.equal((await recordOf([begin(), end('done', true)], RUN)).state, 'done');
  });

  it('tells what became of each step, and why the run failed', async () => {
    const problem = { code: 'command-failed', message: 'It failed.', detail: 'the end of the output' };
    const failed: Entry = { at: 'end', ended: 'later', state: 'failed', changed: true, problem };
    const entries = [
      running('s1'),
      done('s1'),
      running('s2'),
      stopped('s2', 'failed'),
      stopped('s1', 'left'),
    ];
    const record = await recordOf([begin(), ...entries, failed]);
    assert.deepEqual(record.problem, problem);
    assert.equal(record.state, 'failed');
    assert.deepEqual(
      record.steps.map(({ state }) => state),
      ['left', 'failed', 'waiting'],
    );
    const undone = await recordOf([begin(), running('s1'), stopped('s1', 'undone'), end('undone', false)]);
    assert.deepEqual([undone.state, undone.changed, undone.steps[0]?.state], ['undone', false, 'undone']);
  });

  it('names the run that undid another, and the one that it undoes', async () => {
    const later = '20261122T112233Z-ffffff';
    const record = await recordOf([begin(), end('done', true), { at: 'undone', by: later }]);
    assert.deepEqual([record.state, record.undoneBy, record.changed], ['done', later, false]);
    assert.equal((await recordOf([begin({ verb: 'undo', undoes: later })])).undoes, later);
  });

  it('passes a torn last line over', async () => {
    const whole = JSON.stringify(end('done', true));
    for (let length = 1; length < whole.length; length += 7) {
      const record = await recordOf([begin(), running('s1'), done('s1'), whole.slice(0, length)]);
      assert.deepEqual([record.state, record.steps[0]?.state], ['interrupted', 'done']);
    }
  });

  it('lists runs newest first, without those that never began', async () => {
    const shelf = memoryShelf();
    const moments = {
      a: '2026-11-22T10:00:00.000Z',
      b: '2026-11-22T12:00:00.000Z',
      c: '2026-11-22T11:00:00.000Z',
    };
    for (const [name, started] of Object.entries(moments)) shelf.write(name, begin({ started }));
    shelf.write('d', '{"at":"beg');
    shelf.held = 'c';
    const runs = await openBook(shelf).list();
    assert.deepEqual(
      runs.map(({ id, state }) => [id, state]),
      [
        ['b', 'interrupted'],
        ['c', 'running'],
        ['a', 'interrupted'],
      ],
    );
  });

  it('says that there is no such run, and asks the disk only for names that it makes itself', async () => {
    const shelf = memoryShelf();
    shelf.write('20261122T102233Z-000000', '{"at":"beg');
    const book = openBook(shelf);
    const names = [
      RUN,
      '20261122T102233Z-000000',
      '../../etc/passwd',
      '',
      '.',
      `${RUN}/..`,
      `${RUN}\n`,
      RUN.toUpperCase(),
    ];
    for (const name of names) {
      for (const ask of [book.run, book.entries]) {
        if (ask === book.entries && name.endsWith('000000')) continue;
        await assert.rejects(ask(name), (error: unknown) => {
          assert.ok(error instanceof Problem);
          assert.equal(error.code, 'not-found');
          assert.ok(error.message.startsWith(`There is no run "${name}"`));
          return true;
        });
      }
    }
    assert.deepEqual(new Set(shelf.asked), new Set(names.slice(0, 2)));
  });

  it('knows the names of runs by their shape', () => {
    assert.equal(isRunId(RUN), true);
    for (const text of ['', `x${RUN}`, `${RUN}0`, '20261122T102233Z-1A2B3C', '20261122T102233-1a2b3c']) {
      assert.equal(isRunId(text), false);
    }
  });
});

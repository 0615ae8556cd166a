import assert from 'node:assert/strict';
import { basisOf, keptFor, liveRun } from '../../src/runs/basis.ts';
import { foldJournal } from '../../src/runs/book.ts';
import type { RunRecord } from '../../src/runs/record.ts';
import { begin, end } from './memory-shelf.ts';

const run = (id: string, some: Partial<RunRecord> = {}): RunRecord => {
  const record = foldJournal(id, [begin(), end('done', true)], null);
  assert.ok(record !== null);
  return { ...record, ...some };
};

describe('what a server was last set up to be', () => {
  it('is what the newest run that ended done has chosen', () => {
    const basis = basisOf([run('b', { settings: { range: '50000-51000' } }), run('a')]);
    assert.ok(basis.is === 'set-up');
    assert.deepEqual([basis.run.id, basis.settings.range], ['b', [50000, 51000]]);
    assert.deepEqual(
      basis.runs.map(({ id }) => id),
      ['b', 'a'],
    );
  });

  it('is not changed by a run that was put back or is at work', () => {
    const basis = basisOf([
      run('d', { state: 'running' }),
      run('c', { state: 'undone', changed: false }),
      run('b', { state: 'failed', changed: false }),
      run('a'),
    ]);
    assert.ok(basis.is === 'set-up');
    assert.equal(basis.run.id, 'a');
  });

  it('is nothing where no run ended done', () => {
    assert.deepEqual(basisOf([]), { is: 'never' });
    assert.deepEqual(basisOf([run('a', { state: 'undone', changed: false })]), { is: 'never' });
  });

  it('is nothing after an undo, whatever was before', () => {
    const undo = run('b', { verb: 'undo', undoes: 'a', changed: false });
    assert.deepEqual(basisOf([undo, run('a', { undoneBy: 'b', changed: false }), run('0')]), {
      is: 'undone',
    });
  });

  it('is open while a run has left something changed', () => {
    for (const state of ['interrupted', 'failed'] as const) {
      const basis = basisOf([run('b', { state, changed: true }), run('a')]);
      assert.ok(basis.is === 'unfinished');
      assert.equal(basis.run.id, 'b');
    }
  });

  it('is one half, or both where two runs have set up one each', () => {
    const half = (id: string, only: string): RunRecord => run(id, { settings: { only } });
    const one = basisOf([half('b', 'ftp'), half('a', 'ftp')]);
    const both = basisOf([half('b', 'ftp'), half('a', 'firewall')]);
    assert.ok(one.is === 'set-up' && both.is === 'set-up');
    assert.deepEqual([one.settings.only, both.settings.only], ['ftp', null]);
  });
});

describe('the port of live output', () => {
  const opened = run('live', { settings: { range: '20871', only: 'live', keep: ['1-65535'] } });
  const kept = { range: '50000-51000', keep: ['20871'] };

  it('is open since the run that let it in, through set-ups that keep it', () => {
    const runs = [run('c', { settings: kept }), run('b', { settings: { only: 'ftp' } }), opened, run('a')];
    assert.equal(liveRun(runs, 20871)?.id, 'live');
    assert.equal(liveRun(runs, 20872), null);
    assert.deepEqual(keptFor(runs), { keep: [[20871, 20871]] });
    const basis = basisOf(runs);
    assert.ok(basis.is === 'set-up');
    assert.deepEqual(basis.settings.keep, [[20871, 20871]]);
  });

  it('is closed by putting that run back, and by a later plan that does not keep it', () => {
    const back = run('c', { verb: 'undo', undoes: 'live', settings: opened.settings, changed: false });
    const closed = run('c', { settings: { only: 'firewall', keep: [] } });
    for (const runs of [
      [run('a')],
      [{ ...opened, undoneBy: 'c' }, run('a')],
      [back, { ...opened, undoneBy: 'c' }, run('a')],
      [closed, opened, run('a')],
      [run('d', { settings: kept }), closed, opened],
      [{ ...opened, state: 'undone' as const }],
    ]) {
      assert.equal(liveRun(runs, 20871), null);
      assert.deepEqual(keptFor(runs), {});
    }
    assert.equal(liveRun([{ ...closed, undoneBy: 'd' }, opened], 20871)?.id, 'live');
  });

  it('says nothing of how passive FTP was set up', () => {
    const back = run('c', { verb: 'undo', undoes: 'live', settings: opened.settings, changed: false });
    assert.deepEqual(basisOf([opened]), { is: 'never' });
    for (const runs of [
      [opened, run('a')],
      [back, { ...opened, undoneBy: 'c' }, run('a')],
    ]) {
      const basis = basisOf(runs);
      assert.ok(basis.is === 'set-up');
      assert.deepEqual([basis.run.id, basis.runs.length], ['a', 1]);
    }
  });
});

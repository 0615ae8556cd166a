import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import sinon from 'sinon';
import { Problem } from '../../src/core/problem.ts';
import { parseJournal } from '../../src/engine/journal.ts';
import { openShelf } from '../../src/system/shelf.ts';
import { scratchDirectory } from './scratch.ts';

const RUN = '20261122T102233Z-1a2b3c';

describe('the shelf', () => {
  const scratch = scratchDirectory();
  const root = (): string => scratch('state');
  const file = (name: string): string => join(root(), 'runs', RUN, name);
  const mode = (path: string): string => (statSync(path).mode & 0o7777).toString(8);

  it('keeps everything where only root can read it', async () => {
    const before = process.umask(0);
    const shelf = openShelf(root());
    await shelf.create(RUN);
    await shelf.addToJournal(RUN, '{}');
    shelf.addToRecording(RUN, 'text');
    process.umask(before);
    assert.deepEqual([root(), join(root(), 'runs'), file('.')].map(mode), ['700', '700', '700']);
    assert.deepEqual(['journal.jsonl', 'recording.cast'].map(file).map(mode), ['600', '600']);
    assert.equal(shelf.copyPath(RUN, 's2', 1), file('originals/s2-1'));
  });

  it('has each line of a journal on disk before it goes on', async () => {
    const shelf = openShelf(root());
    await shelf.create(RUN);
    const handle = await open(scratch('any'), 'w');
    const kind = Object.getPrototypeOf(handle) as { sync(): Promise<void> };
    await handle.close();
    const onDisk: string[] = [];
    const sync = sinon.stub(kind, 'sync').callsFake(function (this: unknown) {
      onDisk.push(readFileSync(file('journal.jsonl'), 'utf8'));
      return sync.wrappedMethod.call(this as typeof kind);
    });
    try {
      await shelf.addToJournal(RUN, 'one');
      await shelf.addToJournal(RUN, 'two');
    } finally {
      sync.restore();
    }
    assert.deepEqual(onDisk, ['one\n', 'one\ntwo\n']);
    assert.equal(await shelf.readJournal(RUN), 'one\ntwo\n');
  });

  it('writes no line into what a power cut left of the one before', async () => {
    const shelf = openShelf(root());
    await shelf.create(RUN);
    await shelf.addToJournal(RUN, '{"at":"undone","by":"a"}');
    writeFileSync(file('journal.jsonl'), '{"at":"step","ste', { flag: 'a' });
    await shelf.addToJournal(RUN, '{"at":"undone","by":"b"}');
    await shelf.addToJournal(RUN, '{"at":"undone","by":"c"}');
    assert.deepEqual(parseJournal((await shelf.readJournal(RUN)) ?? ''), [
      { at: 'undone', by: 'a' },
      { at: 'undone', by: 'b' },
      { at: 'undone', by: 'c' },
    ]);
  });

  it('tells a journal that is not there from an empty one', async () => {
    const shelf = openShelf(root());
    assert.equal(await shelf.readJournal(RUN), null);
    await shelf.create(RUN);
    assert.equal(await shelf.readJournal(RUN), null);
    writeFileSync(file('journal.jsonl'), '');
    assert.equal(await shelf.readJournal(RUN), '');
  });

  it('lists its runs oldest first, and none before the first', async () => {
    const shelf = openShelf(root());
    assert.deepEqual(await shelf.list(), []);
    const runs = ['20261122T102234Z-000000', '20261122T102233Z-ffffff', '20251122T102235Z-000000'];
    for (const run of runs) await shelf.create(run);
    writeFileSync(join(root(), 'runs', 'stray'), '');
    assert.deepEqual(await shelf.list(), [...runs].sort());
  });

  it('reads a recording from any byte on, and nothing beyond its end', async () => {
    const shelf = openShelf(root());
    assert.equal((await shelf.readRecording(RUN, 0, 10)).length, 0);
    await shelf.create(RUN);
    shelf.addToRecording(RUN, 'caf');
    shelf.addToRecording(RUN, 'é!');
    const whole = Buffer.from('café!');
    for (let offset = 0; offset <= whole.length + 1; offset++) {
      assert.deepEqual(await shelf.readRecording(RUN, offset, 3), whole.subarray(offset, offset + 3));
    }
  });

  it('lets a run go on when its recording cannot be written', async () => {
    const shelf = openShelf(root());
    await shelf.create(RUN);
    mkdirSync(file('recording.cast'));
    shelf.addToRecording(RUN, 'lost');
    assert.deepEqual(readdirSync(file('.')), ['recording.cast']);
    await shelf.addToJournal(RUN, 'kept');
  });

  it('has one lock for all runs', async () => {
    const shelf = openShelf(root());
    const release = await shelf.lock(RUN);
    assert.equal(await shelf.holder(), RUN);
    await assert.rejects(openShelf(root()).lock('20261122T102233Z-ffffff'), (error: unknown) => {
      assert.ok(error instanceof Problem);
      assert.deepEqual([error.code, error.detail], ['busy', RUN]);
      return true;
    });
    await release();
    assert.equal(await shelf.holder(), null);
  });
});

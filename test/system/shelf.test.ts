import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../../src/core/problem.ts';
import { parseJournal } from '../../src/engine/journal.ts';
import { openShelf } from '../../src/system/shelf.ts';
import { scratchDirectory } from './scratch.ts';
import { watchSyncs } from './syncs.ts';

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
    shelf.addToRecording(RUN, Buffer.from('text'));
    process.umask(before);
    assert.deepEqual([root(), join(root(), 'runs'), file('.')].map(mode), ['700', '700', '700']);
    assert.deepEqual(['journal.jsonl', 'recording.cast'].map(file).map(mode), ['600', '600']);
    assert.equal(shelf.copyPath(RUN, 's2', 1), file('originals/s2-1'));
  });

  it('has each line of a journal on disk before it goes on', async () => {
    const shelf = openShelf(root());
    await shelf.create(RUN);
    const onDisk: string[] = [];
    const restore = await watchSyncs(scratch('any'), (path) => {
      onDisk.push(`${path.slice(path.lastIndexOf('/') + 1)} ${readFileSync(file('journal.jsonl'), 'utf8')}`);
    });
    try {
      await shelf.addToJournal(RUN, 'one');
      await shelf.addToJournal(RUN, 'two');
    } finally {
      restore();
    }
    assert.deepEqual(onDisk, ['journal.jsonl one\n', `${RUN} one\n`, 'journal.jsonl one\ntwo\n']);
    assert.equal(await shelf.readJournal(RUN), 'one\ntwo\n');
    const stamp = shelf.stampOf(RUN);
    assert.equal(shelf.stampOf(RUN), stamp);
    await shelf.addToJournal(RUN, 'three');
    assert.notEqual(shelf.stampOf(RUN), stamp);
    assert.equal(shelf.stampOf('20261122T102299Z-1a2b3c'), null);
  });

  it('has the names of all directories that it makes on disk before it goes on', async () => {
    const shelf = openShelf(root());
    const synced: string[] = [];
    const restore = await watchSyncs(scratch('any'), (path) => synced.push(path));
    try {
      await shelf.create(RUN);
      await shelf.create('20261122T102234Z-000000');
    } finally {
      restore();
    }
    assert.deepEqual(synced, [scratch(), root(), join(root(), 'runs'), join(root(), 'runs')]);
  });

  it('has no run whose name could not be put on disk', async () => {
    const shelf = openShelf(root());
    await shelf.create('20261122T102234Z-000000');
    const restore = await watchSyncs(scratch('any'), () => {
      throw Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO' });
    });
    await assert.rejects(shelf.create(RUN), /the disk reports an input\/output error\.$/).finally(restore);
    assert.deepEqual(await shelf.list(), ['20261122T102234Z-000000']);
  });

  it('is made by many at once', async () => {
    const runs = Array.from(
      { length: 20 },
      (_, index) => `20261122T102233Z-${String(index).padStart(6, '0')}`,
    );
    await Promise.all(runs.map((run) => openShelf(root()).create(run)));
    assert.deepEqual(await openShelf(root()).list(), runs);
  });

  it('tells how much a run takes, and forgets all of it', async () => {
    const shelf = openShelf(root());
    await shelf.create(RUN);
    await shelf.addToJournal(RUN, '1234');
    shelf.addToRecording(RUN, Buffer.from('12345'));
    mkdirSync(file('originals'));
    writeFileSync(shelf.copyPath(RUN, 's1', 0), '123456');
    assert.ok((await shelf.size(RUN)) >= 5 + 5 + 6 && (await shelf.size(RUN)) < 20_000);
    await shelf.remove(RUN);
    assert.deepEqual(readdirSync(join(root(), 'runs')), []);
    assert.equal(await shelf.size(RUN), 0);
    await shelf.remove(RUN);
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
    shelf.addToRecording(RUN, Buffer.from('caf'));
    shelf.addToRecording(RUN, Buffer.from('é!'));
    const whole = Buffer.from('café!');
    for (let offset = 0; offset <= whole.length + 1; offset++) {
      assert.deepEqual(await shelf.readRecording(RUN, offset, 3), whole.subarray(offset, offset + 3));
    }
  });

  it('tells where in a recording lies what is added, as long as that is certain', async () => {
    const shelf = openShelf(root());
    const other = '20261122T102233Z-00000f';
    for (const run of [RUN, other]) await shelf.create(run);
    assert.deepEqual(shelf.addToRecording(RUN, Buffer.from('caf\u00e9')), {
      offset: 0,
      bytes: Buffer.from('caf\u00e9'),
    });
    assert.deepEqual(shelf.addToRecording(other, Buffer.from('x')), { offset: 0, bytes: Buffer.from('x') });
    assert.deepEqual(shelf.addToRecording(RUN, Buffer.from('!')), { offset: 5, bytes: Buffer.from('!') });
    assert.equal(readFileSync(file('recording.cast'), 'utf8'), 'caf\u00e9!');
    // Whatever this process has not begun may be longer than it knows.
    assert.equal(openShelf(root()).addToRecording(RUN, Buffer.from('more')), null);
  });

  it('lets a run go on when its recording cannot be written', async () => {
    const shelf = openShelf(root());
    await shelf.create(RUN);
    mkdirSync(file('recording.cast'));
    assert.equal(shelf.addToRecording(RUN, Buffer.from('lost')), null);
    assert.deepEqual(readdirSync(file('.')), ['recording.cast']);
    rmdirSync(file('recording.cast'));
    assert.equal(shelf.addToRecording(RUN, Buffer.from('line\n')), null);
    assert.equal(readFileSync(file('recording.cast'), 'utf8'), '\nline\n');
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

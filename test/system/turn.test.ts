import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTurns } from '../../src/system/turn.ts';

/** A named pipe stands in for the terminal here: both ends of it are at hand. test/system/pty.test.ts reads terminals. */
describe('a turn of reading a terminal', () => {
  let directory = '';
  let path = '';
  let reading = -1;
  let writing = -1;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'turn-'));
    path = join(directory, 'pipe');
    execFileSync('/usr/bin/mkfifo', [path]);
    reading = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    writing = openSync(path, constants.O_WRONLY);
  });
  afterEach(() => {
    closeSync(reading);
    closeSync(writing);
    rmSync(directory, { recursive: true });
  });

  it('takes what the event loop has read for all, where that was not all that a read can give', () => {
    writeSync(writing, 'later');
    const first = Buffer.from('first');
    assert.equal(openTurns(reading)(first), first);
  });

  it('takes all that is there after a read that was full', () => {
    writeSync(writing, 'and the rest');
    const taken = openTurns(reading)(Buffer.alloc(4095, 'x'));
    assert.equal(taken.toString(), `${'x'.repeat(4095)}and the rest`);
  });

  it('takes no more than its share', () => {
    for (let index = 0; index < 15; index++) writeSync(writing, Buffer.alloc(4095, 'y'));
    const turn = openTurns(reading);
    const taken = turn(Buffer.alloc(4095, 'x'));
    assert.ok(taken.length > 50_000 && taken.length <= 64 * 1024, `${taken.length}`);
    assert.equal(taken.length + turn(Buffer.alloc(4095, 'x')).length, 17 * 4095);
  });

  it('waits in a flood for what comes next, and not for long', async () => {
    const child = spawn('/bin/sh', ['-c', `exec yes > '${path}'`], { stdio: 'ignore' });
    try {
      const turn = openTurns(reading);
      const ended = (): Promise<unknown> => new Promise((resolve) => setImmediate(resolve));
      const small = Buffer.from('y\n');
      const taken: number[] = [];
      let longest = 0;
      while (taken.length < 2000 && !taken.some((bytes) => bytes > small.length)) {
        const began = performance.now();
        taken.push(turn(small).length);
        longest = Math.max(longest, performance.now() - began);
        await ended();
      }
      assert.ok(taken.length > 8, 'the first turns wait for nothing');
      assert.ok(taken.length < 2000, 'no turn waited for more');
      assert.ok(longest < 100, `a turn took ${longest} ms`);
    } finally {
      child.kill();
      await new Promise((resolve) => child.once('close', resolve));
    }
  });

  it('is over at once in a flood that has ended', () => {
    const turn = openTurns(reading);
    const small = Buffer.from('y\n');
    for (let index = 0; index < 100; index++) turn(small);
    const began = performance.now();
    assert.equal(turn(small).toString(), 'y\n');
    assert.ok(performance.now() - began < 50);
  });
});

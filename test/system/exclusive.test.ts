import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { exclusiveBy } from '../../src/system/exclusive.ts';
import { openLock } from '../../src/system/lock.ts';
import { scratchDirectory } from './scratch.ts';

const PROCESSES = 3;
const TIMES = 10;

/** Reads a number, waits, and writes the next one: `$1` the lock, `$2` the file. */
const COUNT = `
  import { readFileSync, writeFileSync } from 'node:fs';
  import { setTimeout as sleep } from 'node:timers/promises';
  import { exclusiveBy } from ${JSON.stringify(join(import.meta.dirname, '../../src/system/exclusive.ts'))};
  const [lock, file] = process.argv.slice(1);
  const alone = exclusiveBy(lock);
  for (let time = 0; time < ${TIMES}; time++)
    await alone(async () => {
      const now = Number(readFileSync(file, 'utf8'));
      await sleep(2);
      writeFileSync(file, String(now + 1));
    });`;

describe('a work that is done alone', function () {
  this.timeout(60_000);
  const scratch = scratchDirectory();

  it('waits for those that came before it, in order', async () => {
    const alone = exclusiveBy(scratch('lock'));
    const seen: string[] = [];
    const work = (name: string) => async (): Promise<string> => {
      seen.push(`${name} begins`);
      await sleep(5);
      seen.push(`${name} ends`);
      return name;
    };
    assert.deepEqual(await Promise.all(['a', 'b', 'c'].map((name) => alone(work(name)))), ['a', 'b', 'c']);
    assert.deepEqual(
      seen,
      ['a', 'b', 'c'].flatMap((name) => [`${name} begins`, `${name} ends`]),
    );
  });

  it('leaves the turn to the next one when it fails', async () => {
    const alone = exclusiveBy(scratch('lock'));
    await assert.rejects(
      alone(() => Promise.reject(new Error('no'))),
      /^Error: no$/,
    );
    assert.equal(await alone(() => Promise.resolve(7)), 7);
    assert.equal(await openLock(scratch('lock')).holder(), null);
  });

  it(`loses no change of ${PROCESSES} processes at once`, async () => {
    const file = scratch('count');
    writeFileSync(file, '0');
    const options = { cwd: join(import.meta.dirname, '../..'), stdio: 'inherit' } as const;
    const argv = ['--import', 'tsx', '--input-type=module', '-e', COUNT, scratch('lock'), file];
    const all = Array.from({ length: PROCESSES }, () => once(spawn(process.execPath, argv, options), 'exit'));
    assert.deepEqual(
      (await Promise.all(all)).map(([code]) => code as number),
      Array.from({ length: PROCESSES }, () => 0),
    );
    assert.equal(Number(readFileSync(file, 'utf8')), PROCESSES * TIMES);
  });

  it('is given up when its turn does not come, and nothing is done', async () => {
    const release = await openLock(scratch('lock')).take('change');
    let done = false;
    await assert.rejects(
      exclusiveBy(scratch('lock'), 50)(() => Promise.resolve((done = true))),
      {
        code: 'busy',
        message: 'Another change is at work; try again when it has ended.',
      },
    );
    assert.equal(done, false);
    await release();
  });
});

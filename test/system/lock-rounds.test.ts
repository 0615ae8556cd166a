import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../../src/core/problem.ts';
import { openLock } from '../../src/system/lock.ts';
import { scratchDirectory } from './scratch.ts';

const BOOT = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
const ROUNDS = 1000;
const TAKERS = 10;
const PROCESSES = 4;
const TURNS = 250;

describe('the lock in very many rounds', function () {
  this.timeout(120_000);
  const scratch = scratchDirectory();
  const path = (): string => scratch('state', 'lock');

  it('has one winner of ten each time, and the nine are told who; after a dead holder too', async () => {
    mkdirSync(scratch('state'));
    for (let round = 0; round < ROUNDS; round++) {
      if (round % 2 === 1)
        writeFileSync(path(), JSON.stringify({ pid: process.pid, started: '1', boot: BOOT, run: 'dead' }));
      const takes = await Promise.allSettled(
        Array.from({ length: TAKERS }, (_, index) => openLock(path()).take(`r${round}-${index}`)),
      );
      const won = takes.filter((take) => take.status === 'fulfilled');
      assert.equal(won.length, 1, `round ${round}`);
      const holder = await openLock(path()).holder();
      for (const take of takes) {
        if (take.status === 'fulfilled') continue;
        const reason: unknown = take.reason;
        assert.ok(reason instanceof Problem && reason.code === 'busy', String(reason));
        assert.equal(reason.detail, holder, `round ${round}`);
      }
      await assert.rejects(openLock(path()).take('late'), { code: 'busy', detail: holder ?? '' });
      for (const take of won) await take.value();
      assert.deepEqual(readdirSync(scratch('state')), []);
    }
  });

  it('is never had by two processes at once, some of which die with it', async () => {
    const lock = join(import.meta.dirname, '../../src/system/lock.ts');
    const script = `
      import { closeSync, openSync, rmSync } from 'node:fs';
      import { openLock } from ${JSON.stringify(lock)};
      const [path, inside, name, dies] = process.argv.slice(-4);
      let had = 0;
      for (let turn = 0; had < ${TURNS};) {
        let release;
        try { release = await openLock(path).take(name + '-' + turn++); }
        catch (error) { if (error.code !== 'busy') throw error; continue; }
        closeSync(openSync(inside, 'wx'));
        had += 1;
        rmSync(inside);
        if (dies === 'dies' && had === ${TURNS}) process.kill(process.pid, 'SIGKILL');
        await release();
      }
    `;
    const ends = Array.from({ length: PROCESSES }, (_, index) => {
      const told = [path(), scratch('inside'), `p${index}`, index % 2 === 1 ? 'dies' : 'stays'];
      const child = spawn(
        process.execPath,
        ['--import', 'tsx', '--input-type=module', '-e', script, '--', ...told],
        { cwd: join(import.meta.dirname, '../..'), stdio: ['ignore', 'inherit', 'inherit'] },
      );
      return new Promise<string>((resolve) =>
        child.once('exit', (code, signal) => resolve(String(signal ?? code))),
      );
    });
    assert.deepEqual(
      (await Promise.all(ends)).sort(),
      ['0', '0', 'SIGKILL', 'SIGKILL'],
      'two were inside at once, or one was refused for another reason',
    );
    const release = await openLock(path()).take('last');
    await release();
    assert.deepEqual(readdirSync(scratch('state')), []);
  });
});

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../../src/core/problem.ts';
import { openLock } from '../../src/system/lock.ts';
import { isAlive } from './alive.ts';
import { scratchDirectory } from './scratch.ts';

const BOOT = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

/** The moment of a process's start: the 22nd field of its line in /proc. */
function startOf(pid: number): string {
  const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return line.slice(line.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

const busyWith =
  (run: string) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof Problem, String(error));
    assert.equal(error.code, 'busy');
    assert.equal(error.detail, run);
    assert.match(error.message, new RegExp(`^Run ${run} is at work`));
    return true;
  };

describe('the lock', () => {
  const scratch = scratchDirectory();
  const path = (): string => scratch('state', 'lock');
  const leave = (holder: Record<string, unknown> | string): void => {
    writeFileSync(path(), typeof holder === 'string' ? holder : JSON.stringify(holder));
  };
  /** The file of whoever follows the holder of this text. */
  const heirOf = (text: string): string =>
    `${path()}.after-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
  const takenOver = async (): Promise<void> => {
    const lock = openLock(path());
    assert.equal(await lock.holder(), null);
    const release = await lock.take('next');
    assert.equal(await lock.holder(), 'next');
    await release();
    assert.deepEqual(readdirSync(scratch('state')), []);
  };

  beforeEach(async () => {
    await (
      await openLock(path()).take('first')
    )();
  });

  it('names its holder, for others to read, and is gone when it is released', async () => {
    const lock = openLock(path());
    assert.equal(await lock.holder(), null);
    const release = await lock.take('r1');
    assert.equal(await lock.holder(), 'r1');
    const { pid, started, boot, run } = JSON.parse(readFileSync(path(), 'utf8')) as Record<string, unknown>;
    assert.deepEqual([pid, started, boot, run], [process.pid, startOf(process.pid), BOOT, 'r1']);
    assert.equal(statSync(path()).mode & 0o777, 0o600);
    assert.equal(statSync(scratch('state')).mode & 0o777, 0o700);
    await release();
    assert.deepEqual(readdirSync(scratch('state')), []);
  });

  it('tells a second taker which run holds it, and can be had after that', async () => {
    const release = await openLock(path()).take('r1');
    await assert.rejects(openLock(path()).take('r2'), busyWith('r1'));
    assert.equal(await openLock(path()).holder(), 'r1');
    await release();
    await (
      await openLock(path()).take('r2')
    )();
    assert.deepEqual(readdirSync(scratch('state')), []);
  });

  it('goes to one of many who come at the same time', async () => {
    for (let round = 0; round < 20; round++) {
      const takes = await Promise.allSettled(
        Array.from({ length: 8 }, (_, index) => openLock(path()).take(`r${round}-${index}`)),
      );
      const won = takes.filter((take) => take.status === 'fulfilled');
      assert.equal(won.length, 1);
      for (const take of takes) if (take.status === 'fulfilled') await take.value();
    }
  });

  it('of a dead holder goes to one of many who come at the same time', async () => {
    for (let round = 0; round < 40; round++) {
      leave({ pid: process.pid, started: '1', boot: BOOT, run: 'dead' });
      const takes = await Promise.allSettled(
        Array.from({ length: 8 }, async (_, index) => {
          await sleep(index % 3);
          return openLock(path()).take(`r${round}-${index}`);
        }),
      );
      const won = takes.filter((take) => take.status === 'fulfilled');
      assert.equal(won.length, 1);
      assert.match((await openLock(path()).holder()) ?? '', new RegExp(`^r${round}-`));
      for (const take of won) await take.value();
      assert.deepEqual(readdirSync(scratch('state')), []);
    }
  });

  it('is never taken from a living process, and is taken when that has died', async () => {
    const other = spawn('/bin/sleep', ['30']);
    const pid = other.pid ?? 0;
    leave({ pid, started: startOf(pid), boot: BOOT, run: 'theirs' });
    for (let attempt = 0; attempt < 5; attempt++) {
      await assert.rejects(openLock(path()).take('ours'), busyWith('theirs'));
    }
    assert.equal(await openLock(path()).holder(), 'theirs');
    other.kill('SIGKILL');
    while (isAlive(pid) || existsSync(`/proc/${pid}`)) await sleep(5);
    await takenOver();
  });

  it('of a process that is gone is taken over', async () => {
    const { pid } = spawnSync('/bin/true');
    leave({ pid, started: '12345', boot: BOOT, run: 'dead' });
    await takenOver();
  });

  it('is taken over when the number of its holder has come round to another process', async () => {
    leave({ pid: process.pid, started: String(Number(startOf(process.pid)) - 1), boot: BOOT, run: 'dead' });
    await takenOver();
  });

  it('from before a reboot is taken over, though the process seems the same', async () => {
    const started = startOf(process.pid);
    leave({ pid: process.pid, started, boot: '00000000-0000-4000-8000-000000000000', run: 'dead' });
    await takenOver();
  });

  it('that nobody can read a name in is taken over', async () => {
    for (const text of ['', '{"pid":', '[]', 'null', '{"pid":"1"}']) {
      leave(text);
      await takenOver();
    }
  });

  it('can be had after takers died in the moment of taking over, and nothing of them stays', async () => {
    const dead = [1, 2, 3].map((number) =>
      JSON.stringify({ pid: process.pid, started: '1', boot: BOOT, run: `dead-${number}` }),
    );
    leave(dead[0] ?? '');
    // Each had begun to follow the one before.
    for (const [index, text] of dead.slice(1).entries()) writeFileSync(heirOf(dead[index] ?? ''), text);
    await takenOver();
  });

  it('of a dead holder goes to one of many although others died in the moment of taking over', async () => {
    for (let round = 0; round < 40; round++) {
      const [dead = '', heir = ''] = [`d${round}`, `h${round}`].map((run) =>
        JSON.stringify({ pid: process.pid, started: '1', boot: BOOT, run }),
      );
      leave(dead);
      writeFileSync(heirOf(dead), heir);
      const takes = await Promise.allSettled(
        Array.from({ length: 8 }, (_, index) => openLock(path()).take(`r${round}-${index}`)),
      );
      const holder = (await openLock(path()).holder()) ?? '';
      const won = takes.filter((take) => take.status === 'fulfilled');
      assert.equal(won.length, 1);
      for (const take of takes) if (take.status === 'rejected') busyWith(holder)(take.reason);
      for (const take of won) await take.value();
      assert.deepEqual(readdirSync(scratch('state')), []);
    }
  });

  it('takes away what takers that were killed have left beside it, and nothing of those that live', async () => {
    const gone = spawnSync('/bin/true').pid;
    const self = `${process.pid}-${startOf(process.pid)}`;
    const [killed, reused, living] = [`${gone}-12345.r1`, `${process.pid}-1.r2`, `${self}.r3`];
    for (const name of [killed, reused, living]) writeFileSync(`${path()}.${name}`, '');
    await (
      await openLock(path()).take('next')
    )();
    assert.deepEqual(readdirSync(scratch('state')), [`lock.${living}`]);
  });

  it('that is a link to nowhere is refused and not waited for', async () => {
    symlinkSync('/nowhere/at/all', path());
    await assert.rejects(openLock(path()).take('next'), { code: 'access-denied' });
    assert.deepEqual(readdirSync(scratch('state')), ['lock']);
  });
});

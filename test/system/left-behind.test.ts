import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { outlastLeftBehind } from '../../src/system/left-behind.ts';
import { newTreeMark } from '../../src/system/tree.ts';

const PATIENCE_MS = 300;
const GRACE_MS = 300;

describe('what a killed process left at work', () => {
  const started: ChildProcess[] = [];
  const { name, value } = newTreeMark();
  const dead = `${spawnSync('/bin/true').pid}-1-0`;

  async function start(owner: string, stdio: 'pipe' | 'ignore', script: string): Promise<ChildProcess> {
    const child = spawn('/bin/sh', ['-c', script], {
      env: { [name]: owner },
      stdio: ['ignore', stdio, 'ignore'],
    });
    started.push(child);
    await once(child, 'spawn');
    return child;
  }
  const lives = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode === null && signalCode === null;

  afterEach(() => {
    for (const child of started.splice(0)) child.kill('SIGKILL');
  });

  it('is waited for, and is not ended when it ends by itself', async () => {
    const child = await start(dead, 'pipe', 'sleep 0.1; exit 7');
    const began = performance.now();
    const ended = once(child, 'exit');
    await outlastLeftBehind(10_000, GRACE_MS);
    assert.ok(performance.now() - began > 50);
    assert.deepEqual(await ended, [7, null]);
  });

  it('is ended when it does not end, and killed when it does not listen', async () => {
    const polite = await start(dead, 'pipe', 'exec sleep 30');
    const deaf = await start(dead, 'pipe', 'trap "" TERM; while :; do sleep 0.05; done');
    const ends = [once(polite, 'exit'), once(deaf, 'exit')];
    await outlastLeftBehind(PATIENCE_MS, GRACE_MS);
    assert.deepEqual(await Promise.all(ends), [
      [null, 'SIGTERM'],
      [null, 'SIGKILL'],
    ]);
  });

  it('is not what a living process has at work, and not a daemon that has turned away', async () => {
    const children = [
      await start(value, 'pipe', 'exec sleep 30'),
      await start(dead, 'ignore', 'exec sleep 30'),
    ];
    const began = performance.now();
    await outlastLeftBehind(PATIENCE_MS, GRACE_MS);
    assert.ok(performance.now() - began < PATIENCE_MS);
    assert.deepEqual(children.map(lives), [true, true]);
  });
});

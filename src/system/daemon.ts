import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { phrase } from '../core/phrase.ts';
import { Problem } from '../core/problem.ts';
import type { Note } from '../engine/answers.ts';

const SECRET_BYTES = 32;

/** The key of form tokens: made once, kept where only root reads, so that open pages outlive the daemon. */
export async function keepSecret(path: string): Promise<Uint8Array> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(path, randomBytes(SECRET_BYTES), { flag: 'wx', mode: 0o600, flush: true }).catch(
    (error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    },
  );
  return readFile(path);
}

/** A text that outlives the daemon, until the next boot where `path` is in /run. It may be lost: it only saves time. */
export function noteAt(path: string): Note {
  return {
    read: () => readFile(path, 'utf8').catch(() => null),
    async write(text) {
      const fresh = `${path}.${process.pid}`;
      await writeFile(fresh, text, { mode: 0o600 })
        .then(() => rename(fresh, path))
        .catch(() => undefined);
    },
  };
}

/** Makes the socket's directory, which only root can enter, and takes a dead socket away. */
export async function prepareSocket(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await chmod(dirname(path), 0o700);
  if (await answers(path))
    throw new Problem('busy', phrase`Another daemon already listens on ${path}; only one may run.`);
  await rm(path, { force: true });
}

/** Lets only root open the socket. */
export function shutSocket(path: string): Promise<void> {
  return chmod(path, 0o600);
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/**
 * Has the heap grow slowly from now on: what commands put out is forgotten at once. Given to node when it starts, this
 * would make the start a third longer.
 */
export function staySmall(): void {
  setFlagsFromString('--optimize-for-size');
}

/** The first of these files that can be read. @throws the last error */
export async function readFirst(paths: readonly string[]): Promise<string> {
  let last: unknown = new Error(phrase`no file was named`);
  for (const path of paths) {
    try {
      return await readFile(path, 'utf8');
    } catch (error) {
      last = error;
    }
  }
  throw last;
}

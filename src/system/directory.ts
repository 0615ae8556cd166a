import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { phrase } from '../core/phrase.ts';
import { errorCode } from './refusal.ts';

/** Has a directory's names on disk. A file system that cannot do that for directories does it by itself. */
export async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r').catch(() => null);
  if (handle === null) return;
  try {
    await handle.sync();
  } catch (error) {
    if (errorCode(error) !== 'EINVAL') throw error;
  } finally {
    await handle.close();
  }
}

/**
 * Makes a directory for root alone, with those above it, and has the names of all that are new on disk. Not by Node's
 * own way to make all of them, which tells of a read-only file system that there is no such directory.
 */
export async function makeDirectory(path: string): Promise<void> {
  if (!(await isMade(path))) {
    await makeDirectory(dirname(path));
    if (!(await isMade(path)))
      throw Object.assign(new Error(phrase`${path} cannot be made`), { code: 'ENOENT' });
  }
}

/** False when there is nothing to make it in. One that another process made in the same moment is as good. */
async function isMade(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return true;
    if (errorCode(error) === 'ENOENT' && dirname(path) !== path) return false;
    throw error;
  }
  await syncDirectory(dirname(path));
  return true;
}

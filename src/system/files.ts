import { createHash, randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import {
  chmod,
  chown,
  copyFile,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  unlink,
  utimes,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ABSENT, type FileFact, type FileTag } from '../core/file.ts';
import { Problem } from '../core/problem.ts';
import type { Files } from '../engine/ports.ts';
import { isExecutable } from './exec.ts';

/** Larger files are none of ours: a configuration file has a human size. */
const LARGEST_BYTES = 8 * 1024 * 1024;

export const files: Files = {
  read,
  probeWritable,
  replace,
  save,
  restore,
  list,
  isExecutable: (path) => Promise.resolve(isExecutable(path)),
};

async function read(path: string): Promise<FileFact | null> {
  const facts = await regular(path);
  if (facts === null) return null;
  if (facts.size > LARGEST_BYTES)
    throw new Problem('unsupported', `${path} is too large to be a configuration file.`);
  const bytes = await readFile(path).catch((error: unknown) => {
    throw fileProblem('read', path, error);
  });
  const encoding = isUtf8(bytes) ? 'utf8' : 'latin1';
  return { path, text: bytes.toString(encoding), encoding, tag: tagOf(bytes, facts), mtimeMs: facts.mtimeMs };
}

async function probeWritable(path: string): Promise<void> {
  const probe = temporaryBeside(path);
  try {
    if ((await regular(path)) !== null)
      await (await open(path, constants.O_WRONLY | constants.O_NOFOLLOW)).close();
    await (await open(probe, 'wx', 0o600)).close();
  } catch (error) {
    throw error instanceof Problem ? error : fileProblem('write', path, error);
  } finally {
    await rm(probe, { force: true });
  }
}

async function replace(path: string, expects: FileTag, text: string | null): Promise<FileTag> {
  const now = await read(path);
  const tag = now?.tag ?? ABSENT;
  if (tag !== expects) {
    throw new Problem(
      'change-conflict',
      `${path} was changed by someone else since it was read; nothing was written.`,
    );
  }
  if (text === null) {
    await remove(path);
    return ABSENT;
  }
  const before = await regular(path);
  const bytes = Buffer.from(text, now?.encoding ?? 'utf8');
  const temporary = temporaryBeside(path);
  try {
    await writeWhole(temporary, bytes, before);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw fileProblem('write', path, error);
  }
  await syncDirectory(dirname(path));
  return (await read(path))?.tag ?? ABSENT;
}

async function save(path: string, copy: string): Promise<boolean> {
  const facts = await regular(path);
  if (facts === null) return false;
  try {
    await mkdir(dirname(copy), { recursive: true, mode: 0o700 });
    await copyFile(path, copy, constants.COPYFILE_EXCL);
    await likeness(copy, facts);
    const handle = await open(copy, 'r');
    await handle.sync().finally(() => handle.close());
  } catch (error) {
    throw fileProblem('write', copy, error);
  }
  await syncDirectory(dirname(copy));
  return true;
}

async function restore(path: string, copy: string | null): Promise<void> {
  if (copy === null) {
    await remove(path);
    return;
  }
  const facts = await regular(copy);
  if (facts === null) throw new Problem('not-found', `${copy}, the saved copy of ${path}, is gone.`);
  const bytes = await readFile(copy).catch((error: unknown) => {
    throw fileProblem('read', copy, error);
  });
  const now = await regular(path);
  if (now !== null && sameTime(now, facts) && tagOf(bytes, facts) === (await read(path))?.tag) return;
  const temporary = temporaryBeside(path);
  try {
    await writeWhole(temporary, bytes, facts);
    // A cache beside a store is judged by the two files' times: they come back with the bytes.
    await utimes(temporary, facts.atimeMs / 1000, facts.mtimeMs / 1000);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw fileProblem('write', path, error);
  }
  await syncDirectory(dirname(path));
}

/** A copy's times are set through milliseconds, which rounds what the file system keeps. */
function sameTime(a: Stats, b: Stats): boolean {
  return Math.abs(a.mtimeMs - b.mtimeMs) < 2;
}

async function remove(path: string): Promise<void> {
  try {
    // Not rm, which tries a directory next and then tells of that.
    await unlink(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw fileProblem('write', path, error);
  }
  await syncDirectory(dirname(path));
}

async function writeWhole(path: string, bytes: Uint8Array, like: Stats | null): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.chmod(like === null ? 0o644 : like.mode & 0o7777);
    if (like !== null) await handle.chown(like.uid, like.gid);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function likeness(path: string, facts: Stats): Promise<void> {
  await chmod(path, facts.mode & 0o7777);
  await chown(path, facts.uid, facts.gid);
  await utimes(path, facts.atimeMs / 1000, facts.mtimeMs / 1000);
}

async function list(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

/** Facts of a regular file, null when there is none. Links and special files are refused, never followed. */
async function regular(path: string): Promise<Stats | null> {
  try {
    const facts = await lstat(path);
    if (!facts.isFile()) {
      const kind = facts.isSymbolicLink()
        ? 'a symbolic link'
        : facts.isDirectory()
          ? 'a directory'
          : 'a special file';
      throw new Problem('unsupported', `${path} is ${kind}; a regular file is needed here.`);
    }
    return facts;
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return null;
    throw error instanceof Problem ? error : fileProblem('read', path, error);
  }
}

function tagOf(bytes: Uint8Array, facts: Stats): FileTag {
  const hash = createHash('sha256').update(bytes).digest('hex');
  return `sha256:${hash} mode:${(facts.mode & 0o7777).toString(8)} uid:${facts.uid} gid:${facts.gid}`;
}

function isUtf8(bytes: Buffer): boolean {
  return Buffer.from(bytes.toString('utf8'), 'utf8').equals(bytes);
}

function temporaryBeside(path: string): string {
  return join(dirname(path), `.${basename(path)}.ftp-passive-${randomBytes(6).toString('hex')}`);
}

async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r').catch(() => null);
  if (handle === null) return;
  await handle.sync().finally(() => handle.close());
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

const SENTENCES: Readonly<Record<string, string>> = {
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota is used up',
  EPERM: 'the file or its directory is marked immutable or append-only (see lsattr)',
  EACCES: 'permission is denied',
  ENOENT: 'its directory does not exist',
  ENOTDIR: 'its directory does not exist',
  EIO: 'the disk reports an input/output error',
};

function fileProblem(verb: 'read' | 'write', path: string, error: unknown): Problem {
  const code = errorCode(error);
  const why = SENTENCES[code] ?? (error instanceof Error ? error.message : String(error));
  const kind =
    code === 'ENOSPC' || code === 'EDQUOT' ? 'disk-full' : code === 'ENOENT' ? 'not-found' : 'access-denied';
  return new Problem(kind, `${path} cannot be ${verb === 'read' ? 'read' : 'written'}: ${why}.`, code, error);
}

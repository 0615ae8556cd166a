import { createHash, randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import {
  chmod,
  copyFile,
  lstat,
  open,
  readdir,
  readFile,
  rename,
  rm,
  unlink,
  type FileHandle,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ABSENT, type FileFact, type FileTag } from '../core/file.ts';
import { phrase } from '../core/phrase.ts';
import { Problem } from '../core/problem.ts';
import type { Files } from '../engine/ports.ts';
import { makeDirectory, syncDirectory } from './directory.ts';
import { isExecutable } from './exec.ts';
import { takeLikeness, takeLikenessElsewhere } from './likeness.ts';
import { errorCode, fileProblem } from './refusal.ts';
import { stamp } from './stamp.ts';

/** Larger files are none of ours: a configuration file has a human size. */
const LARGEST_BYTES = 8 * 1024 * 1024;
/** What a change may add to a file. */
const ROOM_BYTES = 64 * 1024;
/** open(2) of Linux; Node has no name for it. */
const O_TMPFILE = 0o20000000 | constants.O_DIRECTORY;
/** What a file system says that cannot do that. */
const NOT_NAMELESS: readonly string[] = ['EOPNOTSUPP', 'ENOTSUP', 'EISDIR', 'EINVAL'];
const TEMPORARY = '.ftp-passive-';

export const files: Files = {
  read,
  probeWritable,
  replace,
  stamp,
  save,
  discard: removeQuietly,
  restore,
  list,
  isExecutable: (path) => Promise.resolve(isExecutable(path)),
};

async function read(path: string): Promise<FileFact | null> {
  const facts = await regular(path);
  if (facts === null) return null;
  if (facts.size > LARGEST_BYTES)
    throw new Problem('unsupported', phrase`${path} is too large to be a configuration file.`);
  const bytes = await readFile(path).catch((error: unknown) => {
    throw fileProblem('read', path, error);
  });
  const encoding = isUtf8(bytes) ? 'utf8' : 'latin1';
  return { path, text: bytes.toString(encoding), encoding, tag: tagOf(bytes, facts), mtimeMs: facts.mtimeMs };
}

async function probeWritable(path: string): Promise<void> {
  try {
    const facts = await regular(path);
    if (facts !== null) await (await open(path, constants.O_WRONLY | constants.O_NOFOLLOW)).close();
    await sweep(path);
    const handle = await openNameless(path);
    // A full disk and a used-up quota let a file without bytes be made.
    await handle.writeFile(Buffer.alloc((facts?.size ?? 0) + ROOM_BYTES)).finally(() => handle.close());
  } catch (error) {
    throw fileProblem('write', path, error);
  }
}

/** A new file in a file's directory that nobody sees, and of which nothing stays when this process is killed. */
async function openNameless(path: string): Promise<FileHandle> {
  try {
    return await open(dirname(path), O_TMPFILE | constants.O_WRONLY, 0o600);
  } catch (error) {
    if (!NOT_NAMELESS.includes(errorCode(error))) throw error;
  }
  const probe = temporaryBeside(path);
  const handle = await open(probe, 'wx', 0o600);
  await removeQuietly(probe);
  return handle;
}

async function replace(path: string, expects: FileTag, text: string | null): Promise<FileTag> {
  const now = await read(path);
  const tag = now?.tag ?? ABSENT;
  if (tag !== expects) {
    throw new Problem(
      'change-conflict',
      phrase`${path} was changed by someone else since it was read; nothing was written.`,
    );
  }
  if (text === null) {
    await remove(path);
    return ABSENT;
  }
  const bytes = Buffer.from(text, now?.encoding ?? 'utf8');
  await putInPlace(path, bytes, now === null ? worldReadable : (temporary) => takeLikeness(temporary, path));
  return (await read(path))?.tag ?? ABSENT;
}

async function save(path: string, copy: string): Promise<boolean> {
  const facts = await regular(path);
  if (facts === null) return false;
  try {
    await makeDirectory(dirname(copy));
    await copyFile(path, copy, constants.COPYFILE_EXCL);
    await takeLikenessElsewhere(copy, path);
    const handle = await open(copy, 'r');
    await handle.sync().finally(() => handle.close());
    await syncDirectory(dirname(copy));
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') await removeQuietly(copy);
    throw fileProblem('write', copy, error);
  }
  return true;
}

async function restore(path: string, copy: string | null): Promise<void> {
  await sweep(path);
  if (copy === null) {
    await remove(path);
    return;
  }
  const facts = await regular(copy);
  if (facts === null) throw new Problem('not-found', phrase`${copy}, the saved copy of ${path}, is gone.`);
  const bytes = await readFile(copy).catch((error: unknown) => {
    throw fileProblem('read', copy, error);
  });
  const now = await regular(path);
  if (now !== null && now.mtimeMs === facts.mtimeMs && tagOf(bytes, facts) === (await read(path))?.tag)
    return;
  // A cache beside a store is judged by the two files' times: they come back with the bytes.
  await putInPlace(path, bytes, (temporary) => takeLikenessElsewhere(temporary, copy));
}

async function remove(path: string): Promise<void> {
  try {
    // Not rm, which tries a directory next and then tells of that.
    await unlink(path);
    await syncDirectory(dirname(path));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw fileProblem('write', path, error);
  }
}

/** Has the whole file on disk beside the old one before it takes its place: there is one or the other, never a part. */
async function putInPlace(
  path: string,
  bytes: Uint8Array,
  attributes: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = temporaryBeside(path);
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(bytes);
      await attributes(temporary);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
    await syncDirectory(dirname(path));
  } catch (error) {
    await removeQuietly(temporary);
    throw fileProblem('write', path, error);
  }
}

const worldReadable = (path: string): Promise<void> => chmod(path, 0o644);

async function removeQuietly(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => undefined);
}

/** Takes away what a process that was killed in the middle of a write left beside the file. */
async function sweep(path: string): Promise<void> {
  const begin = `.${basename(path)}${TEMPORARY}`;
  for (const name of await list(dirname(path)))
    if (name.startsWith(begin) && /^[0-9a-f]{12}$/.test(name.slice(begin.length)))
      await removeQuietly(join(dirname(path), name));
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
        ? phrase`a symbolic link`
        : facts.isDirectory()
          ? phrase`a directory`
          : phrase`a special file`;
      throw new Problem('unsupported', phrase`${path} is ${kind}; a regular file is needed here.`);
    }
    return facts;
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return null;
    throw fileProblem('read', path, error);
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
  return join(dirname(path), `.${basename(path)}${TEMPORARY}${randomBytes(6).toString('hex')}`);
}

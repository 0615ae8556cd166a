import { constants } from 'node:os';
import { phrase } from '../core/phrase.ts';
import { Problem } from '../core/problem.ts';

const SENTENCES: Readonly<Record<string, string>> = {
  EROFS: phrase`the file system is read-only`,
  ENOSPC: phrase`the disk is full`,
  EDQUOT: phrase`the quota is used up`,
  EPERM: phrase`the file or its directory is marked immutable or append-only (see lsattr)`,
  EACCES: phrase`permission is denied`,
  ENOENT: phrase`its directory does not exist`,
  ENOTDIR: phrase`its directory does not exist`,
  EIO: phrase`the disk reports an input/output error`,
  EMFILE: phrase`too many files are open`,
  ENFILE: phrase`too many files are open`,
};

/** What programs call these errors. */
const WORDS: Readonly<Record<string, string>> = {
  'No space left on device': 'ENOSPC',
  'Disk quota exceeded': 'EDQUOT',
  'Read-only file system': 'EROFS',
  'Input/output error': 'EIO',
  'Operation not permitted': 'EPERM',
  'Permission denied': 'EACCES',
};

/** An error that a program told in words, as the system calls tell it. */
export function errorFromWords(words: string): Error {
  const [, code] = Object.entries(WORDS).find(([sign]) => words.includes(sign)) ?? [];
  const error = new Error(words.trim().split('\n').at(-1) ?? '');
  return code === undefined ? error : Object.assign(error, { code });
}

/** What the system refused, as one sentence for people. A Problem stays as it is. */
export function fileProblem(verb: 'read' | 'write', path: string, error: unknown): Problem {
  if (error instanceof Problem) return error;
  const code = errorCode(error);
  const why = SENTENCES[code] ?? (error instanceof Error ? error.message : String(error));
  const kind =
    code === 'ENOSPC' || code === 'EDQUOT' ? 'disk-full' : code === 'ENOENT' ? 'not-found' : 'access-denied';
  return new Problem(
    kind,
    phrase`${path} cannot be ${verb === 'read' ? phrase`read` : phrase`written`}: ${why}.`,
    code,
    error,
  );
}

/** Errors that Node has no name for. */
const NUMBERS: Readonly<Record<number, string>> = { [-constants.errno.EDQUOT]: 'EDQUOT' };

export function errorCode(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return '';
  return ('errno' in error ? NUMBERS[Number(error.errno)] : undefined) ?? String(error.code);
}

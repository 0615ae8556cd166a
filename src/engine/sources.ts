import type { FileFact, FileFacts } from '../core/file.ts';
import type { Finding } from '../core/finding.ts';
import { phrase } from '../core/phrase.ts';
import { toProblem } from '../core/problem.ts';
import type { Files } from './ports.ts';

/** Files that were read. `troubles`: one finding for each that could not be. */
export interface Sources {
  readonly files: FileFacts;
  readonly troubles: readonly Finding[];
}

/** Reads files that are needed. */
export async function readAll(files: Files, paths: readonly string[]): Promise<Sources> {
  const facts = new Map<string, FileFact | null>();
  const troubles: Finding[] = [];
  await Promise.all(
    paths.map(async (path) => {
      try {
        facts.set(path, await files.read(path));
      } catch (error) {
        const { message } = toProblem(error);
        troubles.push({
          id: 'unreadable',
          level: 'bad',
          title: phrase`A settings file cannot be read`,
          fact: message,
          fix: phrase`Make ${path} a regular file that root can read.`,
        });
      }
    }),
  );
  return { files: facts, troubles };
}

/** Reads files that may help: one that cannot be read says nothing. */
export async function readSome(files: Files, paths: readonly string[]): Promise<FileFacts> {
  return (await readAll(files, paths)).files;
}

/** Reads the regular files of directories. */
export async function readDirectories(files: Files, directories: readonly string[]): Promise<Sources> {
  const names = await Promise.all(
    directories.map(async (directory) => (await files.list(directory)).map((name) => `${directory}/${name}`)),
  );
  return readAll(files, names.flat());
}

/** Reads files by names of which the last part may have `*` and `?`; of a directory, the regular files in it. */
export async function readNamed(files: Files, names: readonly string[]): Promise<FileFacts> {
  const list = (directory: string): Promise<readonly string[]> => files.list(directory).catch(() => []);
  const paths = await Promise.all(
    names.map(async (name) => {
      const directory = /[*?]/.test(name) ? name.replace(/\/[^/]*$/, '') : name;
      return [
        ...(directory === name ? [name] : []),
        ...(await list(directory)).map((each) => `${directory}/${each}`),
      ];
    }),
  );
  return readSome(files, paths.flat());
}

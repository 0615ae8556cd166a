import type { FileFacts } from '../core/file.ts';
import type { Finding } from '../core/finding.ts';
import { phrase } from '../core/phrase.ts';
import { readProftpdConf, type Directive } from './proftpd-conf.ts';
import { ADDRESS, RANGE, TLS_ADDRESS, valueOf } from './proftpd-edit.ts';

/** Paths that a file includes: files, directories, or names with `*` and `?` in their last part. */
export function includedPaths(text: string): string[] {
  return readProftpdConf(text).directives.flatMap(({ name, words: [, path] }) =>
    name === 'include' && path?.startsWith('/') === true ? [path.replace(/\/+$/, '')] : [],
  );
}

/** Whether a file is meant by the path of an `Include`. */
export function isIncluded(file: string, path: string): boolean {
  const pattern = path
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '[^/]*')
    .replace(/\?/g, '[^/]');
  return new RegExp(`^${pattern}(?:/[^/]+)?$`).test(file);
}

/** Passive directives in files that ProFTPD reads and cPanel does not write. */
export function includeFindings(path: string, files: FileFacts): Finding[] {
  const paths = includedPaths(files.get(path)?.text ?? '');
  return [...files.values()].flatMap((file) => {
    if (file === null || file.path === path || !paths.some((each) => isIncluded(file.path, each))) return [];
    const passive = readProftpdConf(file.text).directives.filter(isPassive);
    if (passive.length === 0) return [];
    const says = passive.map((each) => `${each.words[0] ?? ''} ${valueOf(each) ?? ''}`.trim()).join(', ');
    return [
      {
        id: 'conf-include',
        level: 'warn',
        title: phrase`Another file has settings for passive FTP too`,
        fact: phrase`${path} includes ${file.path}, which says ${says}. ProFTPD reads it, cPanel does not, and it is not changed here.`,
        fix: phrase`Take these lines out of ${file.path}, then set up passive FTP.`,
      } as const,
    ];
  });
}

function isPassive({ name }: Directive): boolean {
  return [RANGE, ADDRESS, TLS_ADDRESS].some((each) => each.toLowerCase() === name);
}

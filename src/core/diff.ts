import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';

/**
 * The change of one file as a unified diff with three lines of context and no dates. Null stands for a file that
 * does not exist and is named /dev/null. Empty when nothing changes.
 */
export function unifiedDiff(path: string, before: string | null, after: string | null): string {
  if (before === after) return '';
  return createTwoFilesPatch(
    before === null ? '/dev/null' : path,
    after === null ? '/dev/null' : path,
    before ?? '',
    after ?? '',
    undefined,
    undefined,
    { context: 3, headerOptions: FILE_HEADERS_ONLY },
  );
}

/**
 * All active values of `key` in a file like /etc/pure-ftpd.conf, in file order: `Key value` a line, and also
 * `Key: value` and `Key = value`, names compared without case, blanks around the value ignored, lines that begin
 * with `#` skipped. A key without a value gives an empty text. Source: Pure-FTPd's own parser, src/simpleconf.c.
 */
export function readDirective(text: string, key: string): readonly string[] {
  const values: string[] = [];
  for (const line of text.split('\n')) {
    const match = /^([^\s=:]+)(?:\s*[=:]|\s|$)(.*)$/.exec(line.trim());
    if (match?.[1]?.toLowerCase() === key.toLowerCase()) values.push((match[2] ?? '').trim());
  }
  return values;
}

/** Whether the file has a line of `key` with a value, in force or commented out. */
export function mentions(text: string, key: string): boolean {
  return new RegExp(`^[ \\t]*#?[ \\t]*${key}[ \\t]*[ \\t=:][ \\t]*\\S`, 'im').test(text);
}

/** The file without the active lines of `key`; with `bare`, without those only that have no value. */
export function dropLines(text: string, key: string, bare: boolean): string {
  return text
    .split(/(?<=\n)/)
    .filter((line) => {
      const [value] = readDirective(line, key);
      return value === undefined || (bare && value !== '');
    })
    .join('');
}

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

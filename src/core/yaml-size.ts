/** Files of this kind have some thousand characters, in short lines; the parser's time grows with the square. */
const LONGEST = 32_768;
const LONG_LINE = /[^\n]{4096}/;
/** Its stack grows with each list or mapping in another, and when that is used up the whole process ends. */
const MOST_NESTED = 200;
const OPENS = /[[{]|(?:^|[ \t])[-?](?=[ \t\r\n])/gm;

/** Where a text of YAML becomes more than can be handed to the parser, as an offset; null when it can be. */
export function tooMuchYaml(text: string): number | null {
  if (text.length > LONGEST) return LONGEST;
  const line = LONG_LINE.exec(text);
  if (line !== null) return line.index;
  let left = MOST_NESTED;
  for (const { index } of text.matchAll(OPENS)) if (left-- === 0) return index;
  return null;
}

/** As many bytes as an encoded word of 75 characters holds. */
const MOST_BYTES = 45;

/** A text as the subject of a mail, which is ASCII: anything else becomes encoded words (RFC 2047), one a line. */
export function subjectLine(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  const words: string[] = [''];
  for (const letter of text) {
    const longer = (words.at(-1) ?? '') + letter;
    if (Buffer.byteLength(longer) > MOST_BYTES) words.push(letter);
    else words[words.length - 1] = longer;
  }
  return words.map((word) => `=?utf-8?B?${Buffer.from(word).toString('base64')}?=`).join('\n ');
}

/** What a terminal or a browser obeys, hides or reorders text by, instead of showing it; a tab and a line's end stay. */
const OBEYED = /(?![\t\n])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Characters beside the controls that reorder or hide the text around them, or end its line. */
export const DECEIVING = /[\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * A text from the machine as it can be shown to a person: every control, direction and invisible character becomes an
 * escape that can be read, like `\x1b` or `\u202e`.
 */
export function visible(text: string): string {
  return text.replace(OBEYED, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16);
    if (code.length < 3) return `\\x${code.padStart(2, '0')}`;
    return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`;
  });
}

/** The same for every text in a document of arrays and plain objects. */
export function allVisible(document: unknown): unknown {
  if (typeof document === 'string') return visible(document);
  if (Array.isArray(document)) return document.map(allVisible);
  if (typeof document !== 'object' || document === null) return document;
  return Object.fromEntries(Object.entries(document).map(([name, value]) => [name, allVisible(value)]));
}

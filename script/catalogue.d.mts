/** A language as pages name it, and its translation of each message that has one. */
export interface Speech {
  readonly language: string;
  readonly words: ReadonlyMap<string, string>;
}

export const POT: string;
export function messagesOf(root: string): Map<string, string[]>;
export function potOf(messages: ReadonlyMap<string, readonly string[]>): string;
export function translationOf(
  text: string,
  name: string,
  messages: ReadonlyMap<string, readonly string[]>,
): Speech;

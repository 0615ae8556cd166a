import { phrase } from '../core/phrase.ts';

/** What copying needs of the browser. */
export interface CopyingParts {
  /** Rejects where the browser does not let this page write to the clipboard. */
  readonly write: (text: string) => Promise<void>;
  /** Selects the text on the page. */
  readonly select: () => void;
}

const COPIED = phrase`Copied.`;
const SELECTED = phrase`Your browser does not let this page copy. The text is selected now: press Ctrl+C, on a Mac Command+C.`;

/** Copies a text that stands on the page. @returns what came of it, in words */
export async function copy(text: string, { write, select }: CopyingParts): Promise<string> {
  try {
    await write(text);
    return COPIED;
  } catch {
    select();
    return SELECTED;
  }
}

/**
 * A file's identity at one moment, or `absent`. A write names the tag that the file must still have, so that
 * nobody's later edit is lost. Form: `sha256:HEX mode:OCTAL uid:N gid:N`.
 */
export type FileTag = string;
export const ABSENT: FileTag = 'absent';
/** The tag that an earlier step of the same run left. */
export const AS_WRITTEN: FileTag = 'as-written';

/**
 * A regular file as it was read. `text` is UTF-8, or one character a byte (`latin1`) where the bytes are not
 * UTF-8, so that writing it back gives the same bytes.
 */
export interface FileFact {
  readonly path: string;
  readonly text: string;
  readonly encoding: 'utf8' | 'latin1';
  readonly tag: FileTag;
  readonly mtimeMs: number;
}

/** What a path held when it was read: null when there was no file. */
export type FileFacts = ReadonlyMap<string, FileFact | null>;

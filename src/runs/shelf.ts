/** Bytes of a recording, and where in it they begin. */
export interface Piece {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Where runs are kept, one directory each. Handed in by `main`; nothing here knows a file system. */
export interface Shelf {
  create(run: string): Promise<void>;
  /** Names of all runs, oldest first. */
  list(): Promise<readonly string[]>;
  /** Adds a line to the journal; it is on disk when this resolves. */
  addToJournal(run: string, line: string): Promise<void>;
  /** Null when there is no such run. */
  readJournal(run: string): Promise<string | null>;
  /** Another text whenever the journal is another one, and cheap to have. Null when there is no such run. */
  stampOf(run: string): string | null;
  /** Adds to the recording, in order. @returns what was added, null where that is not known for certain */
  addToRecording(run: string, bytes: Uint8Array): Piece | null;
  readRecording(run: string, offset: number, most: number): Promise<Uint8Array>;
  /** Bytes that all of a run takes. */
  size(run: string): Promise<number>;
  /** Forgets a run with all that was kept of it. */
  remove(run: string): Promise<void>;
  copyPath(run: string, step: string, index: number): string;
  /** Takes the one lock, or throws Problem `busy` that names the run which holds it. Answers with the release. */
  lock(run: string): Promise<() => Promise<void>>;
  /** The run that a living process holds. */
  holder(): Promise<string | null>;
}

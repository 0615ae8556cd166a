/** `good`: proven right. `info`: worth knowing. `warn`: may hurt. `bad`: passive FTP fails or will fail. */
export type FindingLevel = 'good' | 'info' | 'warn' | 'bad';

/** One thing that was found: what, the fact that shows it, and what to do. `fix` is empty when nothing is to do. */
export interface Finding {
  readonly id: string;
  readonly level: FindingLevel;
  readonly title: string;
  readonly fact: string;
  readonly fix: string;
  /** The run that it is about, where it is about one. */
  readonly run?: string;
}

/** The closed list of ways in which the product can fail. Every boundary speaks in these codes. */
export type ProblemCode =
  | 'invalid'
  | 'unsupported'
  | 'not-found'
  | 'access-denied'
  | 'change-conflict'
  | 'busy'
  | 'timeout'
  | 'command-failed'
  | 'disk-full'
  | 'not-proven'
  | 'interrupted'
  | 'internal';

/**
 * A failure with a stable code. `message` is one sentence for people: what is wrong and what is right.
 * `detail` is raw evidence (a diff, the end of a command's output) and must be treated as hostile text.
 */
export class Problem extends Error {
  override name = 'Problem';
  readonly code: ProblemCode;
  readonly detail: string | undefined;

  constructor(code: ProblemCode, message: string, detail?: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.detail = detail;
  }
}

/** Whatever was thrown, as a Problem: an unforeseen error becomes `internal` and keeps its cause. */
export function toProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new Problem('internal', message, undefined, thrown);
}

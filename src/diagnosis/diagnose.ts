import { isIpv6 } from '../core/address.ts';
import { phrase } from '../core/phrase.ts';
import type { Family } from '../core/reach.ts';
import { CAUSES, type Cause, type CauseId, type Want } from './causes.ts';
import type { Line } from './lines.ts';
import { acceptBelowDeny } from './listing.ts';
import type { Attempt, Log, Mode } from './log.ts';
import { readLog } from './reading.ts';
import { sayings, type Heard } from './said.ts';
import { signs } from './signs.ts';
import { helpfulLog } from './unknown.ts';

/** Another cause that fits what the log shows. `tells`: the fact of the server that would make it this one. */
export interface Alternative {
  readonly cause: CauseId;
  readonly title: string;
  readonly tells: string;
}

/** What the log shows of the attempt that was judged; null where it does not. */
export interface Seen {
  readonly mode: Mode | null;
  readonly family: Family;
  readonly told: string | null;
  readonly port: number | null;
  readonly control: string | null;
  /** Ports on which passive transfers succeeded earlier in the log. */
  readonly worked: readonly number[];
}

/**
 * Why a client's log shows a failure. `cause` null: the log does not tell; then `title` says so and `fix` which log
 * would, or `alternatives` what fits.
 */
export interface Diagnosis {
  readonly cause: CauseId | null;
  readonly title: string;
  readonly sure: 'certain' | 'likely' | null;
  readonly evidence: Line | null;
  readonly fix: string;
  readonly wants: Want;
  readonly alternatives: readonly Alternative[];
  /** The client whose log it is, as far as that can be seen. */
  readonly client: string | null;
  readonly seen: Seen;
}

/** Reads a client's log, of any kind and any length, and says what it shows. Never throws; line numbers are from 1. */
export function diagnose(text: string): Diagnosis {
  const log = readLog(text);
  const { found, rest } = verdictOf(log);
  if (found === null) return unknown(log, helpfulLog(log), []);
  const others = [...found.others, ...rest].filter((each) => each !== found.cause);
  const alternatives = [...new Set(others)].map(alternative);
  if (found.cause === null) {
    const fix = phrase`Which of these it is, the FTP server that runs tells.`;
    const title = phrase`Several causes fit, and the log does not tell them apart.`;
    return { ...unknown(log, { title, fix }, alternatives), wants: 'server', evidence: found.line };
  }
  const { sure, line: evidence } = found;
  const seen = seenOf(log, found.attempt);
  return {
    cause: found.cause,
    ...causeWords(found.cause),
    sure,
    evidence,
    alternatives,
    client: log.client,
    seen,
  };
}

interface Verdict {
  readonly cause: CauseId | null;
  readonly line: Line;
  readonly sure: 'certain' | 'likely';
  readonly others: readonly CauseId[];
  readonly attempt: Attempt | null;
}

/** What was said for one cause only comes before what the attempts show; the rest stands beside it. */
function verdictOf(log: Log): { found: Verdict | null; rest: CauseId[] } {
  const listed = acceptBelowDeny(log.lines);
  const below: Heard[] = listed === null ? [] : [{ cause: 'rule-below-deny', line: listed }];
  const said = [...sayings(log.lines).filter((heard) => !overcome(heard, log)), ...below];
  const all: Verdict[] = [
    ...said.filter(({ cause }) => cause !== 'active-mode').map(certain),
    ...signs(log),
    ...said.filter(({ cause }) => cause === 'active-mode').map(certain),
  ];
  const [found = null, ...others] = all;
  return { found, rest: others.flatMap(({ cause }) => cause ?? []) };
}

function certain({ cause, line }: Heard): Verdict {
  return { cause, line, sure: 'certain', others: [], attempt: null };
}

/** A client that was told how to do better, and then did. */
function overcome({ cause, line }: Heard, { attempts }: Log): boolean {
  return (
    (cause === 'pasv-on-ipv6' || cause === 'tls-required' || cause === 'tls-data-required') &&
    attempts.some(({ done }) => done !== null && done.number > line.number)
  );
}

export function alternative(cause: CauseId): Alternative {
  const { title, tells } = CAUSES[cause];
  return { cause, title, tells };
}

/** What is the same in every diagnosis of this cause. */
export function causeWords(cause: CauseId): Pick<Cause, 'title' | 'fix' | 'wants'> {
  const { title, fix, wants } = CAUSES[cause];
  return { title, fix, wants };
}

function unknown(
  log: Log,
  words: { readonly title: string; readonly fix: string },
  alternatives: readonly Alternative[],
): Diagnosis {
  const seen = seenOf(log, null);
  return {
    cause: null,
    ...words,
    sure: null,
    evidence: null,
    wants: 'nothing',
    alternatives,
    client: log.client,
    seen,
  };
}

function seenOf(log: Log, judged: Attempt | null): Seen {
  const attempt = judged ?? log.attempts.at(-1);
  const control = (attempt?.session ?? log.sessions.at(-1))?.address ?? null;
  return {
    mode: attempt?.mode ?? null,
    family: control !== null && isIpv6(control) ? 'ipv6' : 'ipv4',
    told: attempt?.told?.address ?? null,
    port: attempt?.told?.port ?? null,
    control,
    worked: log.attempts
      .slice(0, attempt === undefined ? 0 : log.attempts.indexOf(attempt))
      .flatMap(({ mode, done, told }) =>
        mode !== 'active' && done !== null && told?.port != null ? [told.port] : [],
      ),
  };
}

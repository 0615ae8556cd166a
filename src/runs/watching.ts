import { ABSENT } from '../core/file.ts';
import { phrase } from '../core/phrase.ts';
import type { SettingsInput } from '../core/settings.ts';
import type { EnginePorts } from '../engine/survey.ts';
import type { Ensured } from './ensure.ts';
import { subjectLine } from './subject.ts';

/** What the watch remembers from one look to the next. */
export interface Watching {
  /** What a look may do; `off` when nobody has turned the watch on. */
  readonly mode: 'off' | 'repair' | 'notify';
  /** The state that was told last; null when none was. */
  readonly told: string | null;
  /** The plan of a repair that failed; null when the last one did not. */
  readonly failedPlan: string | null;
  /** The settings by which the server was right when the watch was turned on; null when it was not, or a run had set it up. */
  readonly right: SettingsInput | null;
}

const NOTHING: Watching = { mode: 'off', told: null, failedPlan: null, right: null };
const SENDMAIL = '/usr/sbin/sendmail';
const TELL_SECONDS = 60;
const RIGHT = 'right';

/** Where the watch keeps its memory, and the programs of the product that cPanel and the watch start. */
export interface WatchPlaces {
  readonly state: string;
  /** Hands a notice to WHM's contact manager: `SUBJECT`, the message on standard input. */
  readonly notify: string;
  /** What cPanel runs after an update. */
  readonly afterUpdate: string;
}

type Effects = Pick<EnginePorts, 'files' | 'run' | 'host'>;

/** A memory that cannot be read is begun anew, watching nothing. */
export async function readWatching(
  { files }: Pick<EnginePorts, 'files'>,
  { state }: WatchPlaces,
): Promise<Watching> {
  const text = (await files.read(state))?.text ?? '{}';
  try {
    return { ...NOTHING, ...(JSON.parse(text) as Partial<Watching>) };
  } catch {
    return NOTHING;
  }
}

/** @throws Problem when the file cannot be written */
export async function keepWatching(
  { files }: Pick<EnginePorts, 'files'>,
  { state }: WatchPlaces,
  watching: Watching,
): Promise<void> {
  const now = await files.read(state);
  const text = `${JSON.stringify(watching)}\n`;
  if (now?.text !== text) await files.replace(state, now?.tag ?? ABSENT, text);
}

/** What a look came to, as far as a person has to hear of it again only when it changes. */
function stateOf({ outcome, findings }: Ensured): string {
  const ids = findings.map(({ id }) => id).sort();
  return outcome === 'undone' || outcome === 'failed' ? [outcome, ...ids].join(' ') : RIGHT;
}

/** Whether the administrator is to hear of this look: of every repair, and of every change of state. */
export function isNews(ensured: Ensured, { told }: Watching): boolean {
  if (ensured.outcome === 'repaired') return true;
  if (ensured.outcome === 'busy') return false;
  return stateOf(ensured) !== (told ?? RIGHT);
}

/**
 * Tells the administrator what is new and remembers it. What could not be told is told by the next look.
 * Answers with why it could not; null when it was told, or nothing was to tell.
 */
export async function tellNews(
  effects: Effects,
  places: WatchPlaces,
  watching: Watching,
  ensured: Ensured,
): Promise<string | null> {
  if (ensured.outcome === 'busy') return null;
  const trouble = isNews(ensured, watching) ? await tell(effects, places, ensured) : null;
  await keepWatching(effects, places, {
    ...watching,
    told: trouble === null ? stateOf(ensured) : watching.told,
    failedPlan: ensured.outcome === 'failed' ? ensured.plan : null,
  });
  return trouble;
}

const HEADS: Readonly<Record<Ensured['outcome'], string>> = {
  'not-ours': phrase`passive FTP is no longer watched over`,
  right: phrase`passive FTP is right again`,
  undone: phrase`passive FTP was undone`,
  repaired: phrase`passive FTP was undone and is repaired`,
  failed: phrase`passive FTP was undone and could not be repaired`,
  busy: '',
};

async function tell(
  { run, host }: Effects,
  { notify }: WatchPlaces,
  ensured: Ensured,
): Promise<string | null> {
  const subject = `${host.hostname()}: ${HEADS[ensured.outcome]}`;
  const message = `${[
    ensured.sentence,
    '',
    ...ensured.findings.flatMap(({ title, fact }) => [title, `  ${fact}`]),
    ...(ensured.run === null ? [] : ['', phrase`What was done: ftp-passive show ${ensured.run}`]),
    phrase`WHM » Plugins » FTP Passive Mode shows how passive FTP stands now.`,
  ].join('\n')}\n`;
  const whm = await run([notify, subject], { stdin: message, timeoutSeconds: TELL_SECONDS });
  if (whm.code === 0) return null;
  const mail = await run([SENDMAIL, '-oi', '-t'], {
    stdin: `To: root\nSubject: ${subjectLine(subject)}\nContent-Type: text/plain; charset=utf-8\n\n${message}`,
    timeoutSeconds: TELL_SECONDS,
  });
  if (mail.code === 0) return null;
  return phrase`The administrator could not be told: ${(whm.stderr.trim() || mail.stderr.trim() || phrase`no program for it is here`).split('\n')[0] ?? ''}`;
}

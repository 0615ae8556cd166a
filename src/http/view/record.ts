import {
  endSentence,
  secondsLeft,
  type RunRecord,
  type RunState,
  type StepState,
} from '../../runs/record.ts';
import { duration } from '../../core/duration.ts';
import { phrase } from '../../core/phrase.ts';
import { limitsOf, type AtWork } from '../../runs/at-work.ts';
import { plainText } from '../../runs/lines.ts';
import { markSentence, STATE_WORDS } from '../../runs/mark.ts';
import type { PageFrame } from '../views.ts';
import { againOf } from './again.ts';
import { planStepView } from './plan.ts';
import { moment } from './words.ts';

/** The words for a run's state. */
export const RUN_WORDS: Readonly<Record<RunState, string>> = {
  running: phrase`running`,
  done: phrase`done`,
  undone: phrase`failed, and everything was put back`,
  failed: phrase`failed, and not everything could be put back`,
  interrupted: phrase`interrupted before it ended`,
};

/** Those of a run that somebody stopped, which has not failed. */
const CANCELLED_WORDS: Readonly<Record<RunState, string>> = {
  ...RUN_WORDS,
  undone: phrase`cancelled, and everything was put back`,
  failed: phrase`cancelled, and not everything could be put back`,
};

const VERB_WORDS = { apply: phrase`Set up passive FTP`, undo: phrase`Put back` } as const;

function whatOf({ verb, settings }: RunRecord): string {
  return settings.only === 'live' ? phrase`Let in the port of live output` : VERB_WORDS[verb];
}

function runWord(record: RunRecord): string {
  return (isCancelled(record) ? CANCELLED_WORDS : RUN_WORDS)[record.state];
}

/** A run as a row of the history. */
export function runRow(record: RunRecord): Record<string, unknown> & { readonly what: string } {
  const { id, state, started, ended, who, changed } = record;
  return {
    id,
    state,
    word: record.undoneBy === undefined ? runWord(record) : phrase`${runWord(record)}; later put back`,
    what: record.undoes === undefined ? whatOf(record) : phrase`Put back run ${record.undoes}`,
    started,
    startedWords: moment(started),
    took: ended === undefined ? '' : duration(Date.parse(ended) - Date.parse(started)),
    who: who.user,
    whence: who.via === 'cli' ? phrase`command line` : who.address,
    changed: changed ? phrase`yes` : phrase`no`,
  };
}

/** A run as its own page shows it. `now`: milliseconds, for the age of a run that goes on. `work`: of the recording. */
export function runView(record: RunRecord, now: number, work: AtWork): PageFrame & Record<string, unknown> {
  const row = runRow(record);
  const age = Math.max(0, (now - Date.parse(record.started)) / 1000);
  const telling = record.state === 'running' ? work.tell(age) : null;
  const limitOf = limitsOf(record.plan);
  return {
    title: row.what,
    here: 'runs',
    run: row,
    running: record.state === 'running',
    ageSeconds: age.toFixed(1),
    age: duration(age * 1000),
    silence:
      work.lastOutput === null ? phrase`not known` : phrase`${duration((age - work.lastOutput) * 1000)} ago`,
    sentence: record.problem?.message ?? sentenceOf(record),
    steps: record.steps.map(({ id, title, state }) => ({
      id,
      number: id.slice(1),
      title,
      state,
      word: stepWord(state, record),
      limit: record.state === 'running' ? (limitOf(id) ?? '') : '',
      atWork: telling?.step === id ? telling.sentence : '',
    })),
    // An undo runs the same steps backwards, so their differences would be read the wrong way round.
    planned: record.verb === 'apply' ? record.plan.steps.map(planStepView) : [],
    problem: record.problem ? { ...record.problem, detail: plainText(record.problem.detail ?? '') } : null,
    undoable: canUndo(record),
    again: againOf(record),
    cancel: cancelWords(record),
    unconfirmed: unconfirmedView(record, now),
    confirmed: confirmedSentence(record),
    undoneBy: record.undoneBy ?? '',
  };
}

/** Where a run without a problem stands. */
function sentenceOf({ state, verb, steps, unproven }: RunRecord): string {
  if (state === 'running') {
    const now = steps.findLast((step) => step.state === 'running');
    return now ? markSentence({ of: 'step', step: now.id, state: 'running', text: now.title }) : '';
  }
  if (state !== 'done') return '';
  return endSentence({ changed: verb === 'apply', ...(unproven === undefined ? {} : { unproven }) });
}

/** A run that is over has no step that waits or goes on. */
function stepWord(step: StepState, record: RunRecord): string {
  if (record.state === 'running') return STATE_WORDS[step];
  if (step === 'waiting') return phrase`not run`;
  if (step === 'failed' && isCancelled(record)) return phrase`cancelled`;
  return step === 'running' ? phrase`interrupted` : STATE_WORDS[step];
}

function isCancelled({ problem }: RunRecord): boolean {
  return problem?.code === 'interrupted';
}

/** The button that stops a run, and what was asked already; null where there is nothing to stop. */
function cancelWords({ verb, state, cancels = 0 }: RunRecord): { asked: string; button: string } | null {
  if (verb === 'undo' || state !== 'running') return null;
  if (cancels === 0)
    return { asked: '', button: phrase`Cancel: finish the step at work, then put everything back` };
  if (cancels === 1)
    return {
      asked: phrase`Cancelled. The step at work comes to its end; then everything is put back.`,
      button: phrase`End that step now, then put everything back`,
    };
  return {
    asked: phrase`Cancelled. The step at work is being ended; then everything is put back.`,
    button: '',
  };
}

/** What becomes of a run that nobody has confirmed; null for any other. */
function unconfirmedView(record: RunRecord, now: number): Record<string, unknown> | null {
  if (record.unconfirmed === undefined) return null;
  // It is put back at its end in any case.
  if (record.state === 'running' && record.cancels !== undefined) return null;
  const left = secondsLeft(record, now);
  return {
    left: left ?? '',
    when:
      left === null
        ? phrase`${record.unconfirmed.seconds} seconds after its end`
        : left === 0
          ? phrase`now`
          : phrase`in ${duration(left * 1000)}`,
    // What was cut off or went wrong is not kept unasked.
    confirmsItself: record.state === 'done',
  };
}

function confirmedSentence({ confirmed, undoneBy }: RunRecord): string {
  if (confirmed === undefined || undoneBy !== undefined) return '';
  return confirmed.via === 'cli'
    ? phrase`Confirmed by ${confirmed.user} on the command line: what this run changed is kept.`
    : phrase`Confirmed by ${confirmed.user} from ${confirmed.address}, from where a new connection gets in: what this run changed is kept.`;
}

/** Whether there is something of this run left that can be put back. */
export function canUndo({ verb, state, changed, undoneBy }: RunRecord): boolean {
  return verb === 'apply' && state !== 'running' && changed && undoneBy === undefined;
}

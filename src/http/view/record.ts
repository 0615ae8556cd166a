import {
  endSentence,
  secondsLeft,
  type RunRecord,
  type RunState,
  type StepState,
} from '../../runs/record.ts';
import { duration } from '../../core/duration.ts';
import { plainText } from '../../runs/lines.ts';
import { markSentence, STATE_WORDS } from '../../runs/mark.ts';
import type { PageFrame } from '../views.ts';
import { planStepView } from './plan.ts';
import { moment } from './words.ts';

/** The words for a run's state. */
export const RUN_WORDS: Readonly<Record<RunState, string>> = {
  running: 'running',
  done: 'done',
  undone: 'failed, and everything was put back',
  failed: 'failed, and not everything could be put back',
  interrupted: 'interrupted before it ended',
};

const VERB_WORDS = { apply: 'Set up passive FTP', undo: 'Put back' } as const;

function whatOf({ verb, settings }: RunRecord): string {
  return settings.only === 'live' ? 'Let in the port of live output' : VERB_WORDS[verb];
}

/** A run as a row of the history. */
export function runRow(record: RunRecord): Record<string, unknown> & { readonly what: string } {
  const { id, state, started, ended, who, changed } = record;
  return {
    id,
    state,
    word: record.undoneBy === undefined ? RUN_WORDS[state] : `${RUN_WORDS[state]}; later put back`,
    what: record.undoes === undefined ? whatOf(record) : `Put back run ${record.undoes}`,
    started,
    startedWords: moment(started),
    took: ended === undefined ? '' : duration(Date.parse(ended) - Date.parse(started)),
    who: who.user,
    whence: who.via === 'cli' ? 'command line' : who.address,
    changed: changed ? 'yes' : 'no',
  };
}

/** A run as its own page shows it. `now`: milliseconds, for the age of a run that goes on. */
export function runView(record: RunRecord, now: number): PageFrame & Record<string, unknown> {
  const row = runRow(record);
  return {
    title: row.what,
    here: 'runs',
    run: row,
    running: record.state === 'running',
    ageSeconds: Math.max(0, Math.floor((now - Date.parse(record.started)) / 1000)),
    age: duration(now - Date.parse(record.started)),
    sentence: record.problem?.message ?? sentenceOf(record),
    steps: record.steps.map(({ id, title, state }) => ({
      id,
      number: id.slice(1),
      title,
      state,
      word: stepWord(state, record.state),
    })),
    // An undo runs the same steps backwards, so their differences would be read the wrong way round.
    planned: record.verb === 'apply' ? record.plan.steps.map(planStepView) : [],
    problem: record.problem ? { ...record.problem, detail: plainText(record.problem.detail ?? '') } : null,
    undoable: canUndo(record),
    cancel: cancelWords(record),
    unconfirmed: unconfirmedSentence(record, now),
    // What was cut off or went wrong is not kept unasked.
    confirmsItself: record.state === 'done',
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
function stepWord(step: StepState, run: RunState): string {
  if (run === 'running') return STATE_WORDS[step];
  if (step === 'waiting') return 'not run';
  return step === 'running' ? 'interrupted' : STATE_WORDS[step];
}

/** What the button that stops a run says; empty where there is nothing to stop. */
function cancelWords({ verb, state, cancels = 0 }: RunRecord): string {
  if (verb === 'undo' || state !== 'running' || cancels > 1) return '';
  return cancels === 0
    ? 'Cancel: finish this step, then put everything back'
    : 'End this step now, then put everything back';
}

/** What becomes of a run that nobody has confirmed; empty for any other. */
function unconfirmedSentence(record: RunRecord, now: number): string {
  if (record.unconfirmed === undefined) return '';
  const left = secondsLeft(record, now);
  const when = left === null ? `${record.unconfirmed.seconds} seconds after its end` : `in ${left} seconds`;
  return `Not confirmed yet: a firewall was made to load its rules anew, so this run is put back ${when} unless a new connection shows that you still get in.`;
}

/** Whether there is something of this run left that can be put back. */
export function canUndo({ verb, state, changed, undoneBy }: RunRecord): boolean {
  return verb === 'apply' && state !== 'running' && changed && undoneBy === undefined;
}

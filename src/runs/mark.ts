import { phrase } from '../core/phrase.ts';

/** What a marker in a recording says. Labels are `s3 running: Title` for a step and `run done: sentence` for the run. */
export type Mark =
  | { readonly of: 'step'; readonly step: string; readonly state: StepMark; readonly text: string }
  | { readonly of: 'run'; readonly state: RunMark; readonly text: string };

export type StepMark = 'running' | 'done' | 'failed' | 'undone' | 'left';
export type RunMark = 'done' | 'undone' | 'failed';

/** The words for a step's state, as the pages show them. */
export const STATE_WORDS: Readonly<Record<StepMark | 'waiting', string>> = {
  waiting: phrase`waiting`,
  running: phrase`running`,
  done: phrase`done`,
  failed: phrase`failed`,
  undone: phrase`put back`,
  left: phrase`could not be put back`,
};

/** @returns null for a label that no run of this product writes */
export function parseMark(label: string): Mark | null {
  const match = /^(s\d{1,4}|run) (running|done|failed|undone|left): (.*)$/s.exec(label);
  if (!match) return null;
  const [, who = '', state = '', text = ''] = match;
  if (who !== 'run') return { of: 'step', step: who, state: state as StepMark, text };
  if (state === 'running' || state === 'left') return null;
  return { of: 'run', state: state as RunMark, text };
}

/** One sentence for people, like `Step 3 running: Write the settings`. */
export function markSentence(mark: Mark): string {
  if (mark.of === 'run') return mark.text;
  return phrase`Step ${mark.step.slice(1)} ${STATE_WORDS[mark.state]}: ${mark.text}`;
}

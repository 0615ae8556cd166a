import { visible } from '../core/visible.ts';

const WORDS: Readonly<Record<string, string>> = {
  undone: 'It failed, and everything was put back.',
  failed: 'It failed, and not everything could be put back.',
  'nothing-to-do':
    'Nothing needs to be done: this server already has these settings. "ftp-passive status" says what else was found.',
  'not-needed': 'Nothing was to put back: the run is confirmed, or was put back already.',
  busy: 'Another run is at work.',
  refused: 'Refused; nothing was changed.',
  cancelling:
    'The run finishes the step at work and then puts everything back; a second cancel ends that step first.',
  ending: 'The program at work is ended, and then everything is put back.',
  confirmed: 'Confirmed: what the run changed stays.',
};

/** What a verb that changes something came to, in words for a terminal. */
export function resultText(result: Readonly<Record<string, unknown>>): string {
  const problem = result['problem'] as { message: string; detail?: string } | undefined;
  const lines = [headOf(result)];
  if (problem !== undefined) lines.push(problem.message);
  if (problem?.detail !== undefined) lines.push(problem.detail);
  if (typeof result['doubt'] === 'string') lines.push(result['doubt']);
  return visible(lines.join('\n'));
}

function headOf(result: Readonly<Record<string, unknown>>): string {
  const state = String(result['state']);
  if (state !== 'done') return WORDS[state] ?? state;
  if ('undoes' in result) return 'Everything is as it was before the run.';
  if ('doubt' in result) return 'Done, but not confirmed.';
  return 'unproven' in result ? 'Done, but not all of it could be proven.' : 'Done and proven.';
}

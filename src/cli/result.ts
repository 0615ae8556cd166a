import { phrase } from '../core/phrase.ts';
import { visible } from '../core/visible.ts';

const WORDS: Readonly<Record<string, string>> = {
  undone: phrase`It failed, and everything was put back.`,
  failed: phrase`It failed, and not everything could be put back.`,
  'nothing-to-do': phrase`Nothing needs to be done: this server already has these settings. "ftp-passive status" says what else was found.`,
  'not-needed': phrase`Nothing was to put back: the run is confirmed, or was put back already.`,
  busy: phrase`Another run is at work.`,
  refused: phrase`Refused; nothing was changed.`,
  cancelling: phrase`The run finishes the step at work and then puts everything back; a second cancel ends that step first.`,
  ending: phrase`The program at work is ended, and then everything is put back.`,
  confirmed: phrase`Confirmed: what the run changed stays.`,
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
  if ('undoes' in result) return phrase`Everything is as it was before the run.`;
  if ('doubt' in result) return phrase`Done, but not confirmed.`;
  return 'unproven' in result ? phrase`Done, but not all of it could be proven.` : phrase`Done and proven.`;
}

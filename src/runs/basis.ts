import { parseSettings, type Settings } from '../core/settings.ts';
import type { RunRecord } from './record.ts';

/**
 * What this server was last set up to be by a run of ours. `never`: by none. `undone`: somebody put the last one back
 * on purpose. `unfinished`: a run left something changed and is neither done nor put back.
 */
export type Basis =
  | {
      readonly is: 'set-up';
      /** The last of them. */
      readonly run: RunRecord;
      /** All that have not been put back, newest first. */
      readonly runs: readonly RunRecord[];
      readonly settings: Settings;
    }
  | { readonly is: 'never' | 'undone' }
  | { readonly is: 'unfinished'; readonly run: RunRecord };

/** @param runs newest first. @throws Problem `invalid` for settings that this version does not know */
export function basisOf(runs: readonly RunRecord[]): Basis {
  for (const run of runs) {
    const ended = run.state === 'done' || run.state === 'undone' || run.state === 'running';
    if (!ended && run.changed) return { is: 'unfinished', run };
    if (run.state !== 'done') continue;
    if (run.verb === 'undo') return { is: 'undone' };
    if (stands(run)) {
      const standing = runs.filter(stands);
      return { is: 'set-up', run, runs: standing, settings: settingsOf(run, standing) };
    }
  }
  return { is: 'never' };
}

function stands(run: RunRecord): boolean {
  return run.verb === 'apply' && run.state === 'done' && run.undoneBy === undefined;
}

/** Those of the run; two runs that set up one half each have set up the whole. */
function settingsOf(run: RunRecord, runs: readonly RunRecord[]): Settings {
  const settings = parseSettings(run.settings);
  const same = runs.every((each) => (each.settings.only ?? null) === settings.only);
  return same ? settings : { ...settings, only: null };
}

import { formatRange, parsePorts } from '../core/range.ts';
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

const isAboutLive = ({ settings }: RunRecord): boolean => settings.only === 'live';

/** The run by which root has let in this port for live output, if it still stands. @param runs newest first */
export function liveRun(runs: readonly RunRecord[], port: number): RunRecord | null {
  return openLiveRuns(runs).find(({ settings }) => settings.range === formatRange([port, port])) ?? null;
}

/** What rules of ours may let in besides the range, as `keep` of the settings. @param runs newest first */
export function keptFor(runs: readonly RunRecord[]): Pick<Settings, 'keep'> {
  const keep = openLiveRuns(runs).map(({ settings }) => parsePorts(settings.range ?? ''));
  return keep.length === 0 ? {} : { keep };
}

/** Runs that have let in a port for live output, where no later plan about the firewall has closed it again. */
function openLiveRuns(runs: readonly RunRecord[]): RunRecord[] {
  const open: RunRecord[] = [];
  const later: RunRecord[] = [];
  for (const run of runs.filter((each) => stands(each) && each.settings.only !== 'ftp')) {
    const { range = '' } = run.settings;
    if (!isAboutLive(run)) later.push(run);
    else if (later.every(({ settings }) => settings.keep?.includes(range) === true)) open.push(run);
  }
  return open;
}

/** @param runs newest first. @throws Problem `invalid` for settings that this version does not know */
export function basisOf(runs: readonly RunRecord[]): Basis {
  for (const run of runs) {
    const ended = run.state === 'done' || run.state === 'undone' || run.state === 'running';
    if (!ended && run.changed) return { is: 'unfinished', run };
    // The port of live output is no part of passive FTP.
    if (run.state !== 'done' || isAboutLive(run)) continue;
    if (run.verb === 'undo') return { is: 'undone' };
    if (stands(run)) {
      const standing = runs.filter((each) => stands(each) && !isAboutLive(each));
      return {
        is: 'set-up',
        run,
        runs: standing,
        settings: { ...settingsOf(run, standing), ...keptFor(runs) },
      };
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

import { phrase } from '../../core/phrase.ts';
import type { WatchStanding } from '../../runs/watch-switch.ts';

/** A button of the watch. */
interface Turn {
  readonly mode: WatchStanding['mode'];
  readonly label: string;
}

const TURNS: readonly Turn[] = [
  { mode: 'repair', label: phrase`Watch, and set it right again` },
  { mode: 'notify', label: phrase`Watch, and only tell` },
  { mode: 'off', label: phrase`Turn the watch off` },
];

/** How the watch stands, as the settings page says it, and how it can be turned. */
export function watchView(standing: WatchStanding): {
  readonly level: string;
  readonly word: string;
  readonly sentence: string;
  readonly turns: readonly Turn[];
} {
  const { mode, timer, hook } = standing;
  const isWhole = mode === 'off' ? !timer && hook !== true : timer;
  // What is half on can be turned to where it was meant to be.
  return { ...standingWords(standing), turns: TURNS.filter((turn) => !isWhole || turn.mode !== mode) };
}

function standingWords({ mode, timer, hook }: WatchStanding): Record<'level' | 'word' | 'sentence', string> {
  if (mode === 'off' && !timer && hook !== true) {
    return {
      level: 'info',
      word: phrase`Off`,
      sentence: phrase`Nothing looks after what was set up.`,
    };
  }
  if (mode === 'off' || !timer) {
    return {
      level: 'warn',
      word: phrase`Half on`,
      sentence: phrase`Parts of the watch are on and parts are off, so nothing is looked at in time.`,
    };
  }
  const after = hook === true ? phrase` and after each update of cPanel` : '';
  const does =
    mode === 'repair' ? phrase`repairs what was undone, and tells you` : phrase`tells you what was undone`;
  return { level: 'good', word: phrase`On`, sentence: phrase`Every 15 minutes${after} the watch ${does}.` };
}

import type { WatchStanding } from '../../runs/watch-switch.ts';

/** How the watch stands, as the settings page says it. */
export function watchView({
  mode,
  timer,
  hook,
}: WatchStanding): Record<'level' | 'word' | 'sentence', string> {
  if (mode === 'off' && !timer && hook !== true) {
    return {
      level: 'info',
      word: 'Off',
      sentence:
        'Nothing looks after what was set up: an update or a firewall that is built anew can undo it.',
    };
  }
  if (mode === 'off' || !timer) {
    return {
      level: 'warn',
      word: 'Half on',
      sentence: 'Parts of the watch are on and parts are off, so nothing is looked at in time.',
    };
  }
  const after = hook === true ? ' and after each update of cPanel' : '';
  const does = mode === 'repair' ? 'repairs what was undone, and tells you' : 'tells you what was undone';
  return { level: 'good', word: 'On', sentence: `Every 15 minutes${after} the watch ${does}.` };
}

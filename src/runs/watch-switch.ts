import { phrase } from '../core/phrase.ts';
import { Problem } from '../core/problem.ts';
import type { CommandResult } from '../engine/ports.ts';
import type { EnginePorts } from '../engine/survey.ts';
import { SYSTEMCTL } from '../engine/units.ts';
import { keepWatching, readWatching, type Watching, type WatchPlaces } from './watching.ts';

const TIMER = 'ftp-passive-watch.timer';
const HOOKS = '/usr/local/cpanel/bin/manage_hooks';
/** cPanel's update, after it (documented: the hook runs as root and cannot hold the update up). */
const AFTER_UPDATE = ['--manual', '--category', 'System', '--event', 'upcp', '--stage', 'post'] as const;
const SECONDS = 120;

/** How the watch stands. `hook`: whether cPanel starts a look after its updates; null where it has no hooks. */
export interface WatchStanding {
  readonly mode: Watching['mode'];
  readonly timer: boolean;
  readonly hook: boolean | null;
}

type Effects = Pick<EnginePorts, 'files' | 'run'>;

export async function watchStanding(effects: Effects, places: WatchPlaces): Promise<WatchStanding> {
  const [{ mode }, timer, hook] = await Promise.all([
    readWatching(effects, places),
    effects.run([SYSTEMCTL, 'is-enabled', TIMER]),
    isHooked(effects, places),
  ]);
  return { mode, timer: timer.code === 0, hook };
}

/**
 * Turns the watch on.
 * @param right what it is to keep right where no run has set anything up
 * @throws Problem when the timer cannot be started; nothing is on then
 */
export async function watchOn(
  effects: Effects,
  places: WatchPlaces,
  mode: Exclude<Watching['mode'], 'off'>,
  right: Watching['right'],
): Promise<WatchStanding> {
  const before = await readWatching(effects, places);
  await keepWatching(effects, places, { ...before, mode, right });
  const started = await effects.run([SYSTEMCTL, 'enable', '--now', TIMER], { timeoutSeconds: SECONDS });
  if (started.code !== 0) {
    await keepWatching(effects, places, before);
    throw new Problem(
      'command-failed',
      phrase`The timer ${TIMER} could not be started: ${saidBy(started)}. Its unit comes with install.sh.`,
    );
  }
  if ((await isHooked(effects, places)) === false)
    await effects.run([HOOKS, 'add', 'script', places.afterUpdate, ...AFTER_UPDATE], {
      timeoutSeconds: SECONDS,
    });
  return watchStanding(effects, places);
}

/** Turns the watch off, whatever of it is on. @throws Problem when the timer cannot be stopped */
export async function watchOff(effects: Effects, places: WatchPlaces): Promise<WatchStanding> {
  const { timer, hook } = await watchStanding(effects, places);
  if (hook === true)
    await effects.run([HOOKS, 'delete', 'script', places.afterUpdate, ...AFTER_UPDATE], {
      timeoutSeconds: SECONDS,
    });
  if (timer) {
    const stopped = await effects.run([SYSTEMCTL, 'disable', '--now', TIMER], { timeoutSeconds: SECONDS });
    if (stopped.code !== 0)
      throw new Problem(
        'command-failed',
        phrase`The timer ${TIMER} could not be stopped: ${saidBy(stopped)}.`,
      );
  }
  await keepWatching(effects, places, { mode: 'off', told: null, failedPlan: null, right: null });
  return watchStanding(effects, places);
}

/** cPanel names no exit status for its tool, so what it lists counts. */
async function isHooked({ files, run }: Effects, { afterUpdate }: WatchPlaces): Promise<boolean | null> {
  if (!(await files.isExecutable(HOOKS))) return null;
  const listed = await run([HOOKS, 'list'], { timeoutSeconds: SECONDS });
  return listed.stdout.includes(afterUpdate);
}

function saidBy({ missing, stderr, code }: CommandResult): string {
  if (missing) return phrase`systemctl is not installed`;
  const [first = ''] = stderr.trim().split('\n');
  return first === '' ? phrase`systemctl ended with ${code ?? phrase`a signal`}` : first.replace(/\.$/, '');
}

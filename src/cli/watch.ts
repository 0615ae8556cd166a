import { Problem } from '../core/problem.ts';
import { settingsInput, type SettingsInput } from '../core/settings.ts';
import { basisOf } from '../runs/basis.ts';
import type { Product } from '../runs/product.ts';
import { standing } from '../runs/standing.ts';
import { watchOff, watchOn, watchStanding, type WatchStanding } from '../runs/watch-switch.ts';
import type { Arguments } from './arguments.ts';

/** Turns the watch on or off, or says how it stands. @throws Problem */
export async function watch(
  product: Product,
  { operand, values }: Arguments,
  out: (text: string) => void,
): Promise<number> {
  const { engine, watch: places } = product;
  const notifyOnly = values['notify-only'] === true;
  if (notifyOnly && operand !== 'on')
    throw new Problem(
      'invalid',
      '--notify-only is for turning the watch on: write ftp-passive watch on --notify-only.',
    );
  const keeps = operand === 'on' ? await keptFrom(product) : null;
  const stands = await turned(operand, () => watchStanding(engine, places), {
    on: () => watchOn(engine, places, notifyOnly ? 'notify' : 'repair', keeps?.right ?? null),
    off: () => watchOff(engine, places),
  });
  const idle = keeps?.nothing === true ? ' Nothing is kept right yet: set passive FTP up first.' : '';
  out(values.json === true ? `${JSON.stringify(stands)}\n` : `${sentence(stands)}${idle}\n`);
  const hooked = operand !== 'on' || stands.hook !== false;
  return hooked ? 0 : 1;
}

/** What the watch keeps. `right`: the settings by which this server is right although no run has made it so. */
async function keptFrom(product: Product): Promise<{ right: SettingsInput | null; nothing: boolean }> {
  const { is } = basisOf(await product.book.list());
  if (is !== 'never') return { right: null, nothing: is === 'undone' };
  const { settings } = await product.remembered();
  const isRight = (await standing(product, settings)).ok === true;
  return { right: isRight ? settingsInput(settings) : null, nothing: !isRight };
}

function turned(
  operand: string | null,
  status: () => Promise<WatchStanding>,
  { on, off }: Record<'on' | 'off', () => Promise<WatchStanding>>,
): Promise<WatchStanding> {
  if (operand === 'on') return on();
  if (operand === 'off') return off();
  if (operand === 'status') return status();
  throw new Problem('invalid', `"${operand ?? ''}" is nothing that the watch does: write on, off or status.`);
}

function sentence({ mode, timer, hook }: WatchStanding): string {
  if (mode === 'off' && !timer && hook !== true) return 'The watch is off.';
  const when = [
    ...(timer ? ['every 15 minutes'] : []),
    ...(hook === true ? ['after each update of cPanel'] : []),
  ].join(' and ');
  const does = {
    off: 'and does nothing: turn it on or off again',
    repair: 'and repairs what was set up and is undone',
    notify: 'and only tells what is undone',
  }[mode];
  const missing = [
    ...(timer ? [] : ['Its timer is not enabled.']),
    ...(hook === false ? ['cPanel has not taken the hook for its updates.'] : []),
  ];
  return [`The watch looks ${when === '' ? 'never' : when} ${does}.`, ...missing].join(' ');
}

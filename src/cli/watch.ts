import { phrase } from '../core/phrase.ts';
import { Problem } from '../core/problem.ts';
import type { Product } from '../runs/product.ts';
import { watchStanding, type WatchStanding } from '../runs/watch-switch.ts';
import { turnWatch, type Turned } from '../runs/watch-turn.ts';
import type { Arguments } from './arguments.ts';

/** Turns the watch on or off, or says how it stands. @throws Problem */
export async function watch(
  product: Product,
  { operand, values }: Arguments,
  out: (text: string) => void,
): Promise<number> {
  const notifyOnly = values['notify-only'] === true;
  if (notifyOnly && operand !== 'on')
    throw new Problem(
      'invalid',
      phrase`--notify-only is for turning the watch on: write ftp-passive watch on --notify-only.`,
    );
  const { stands, idle } = await turned(product, operand, notifyOnly);
  const more = idle ? phrase` Nothing is kept right yet: set passive FTP up first.` : '';
  out(values.json === true ? `${JSON.stringify(stands)}\n` : `${sentence(stands)}${more}\n`);
  const hooked = operand !== 'on' || stands.hook !== false;
  return hooked ? 0 : 1;
}

async function turned(product: Product, operand: string | null, notifyOnly: boolean): Promise<Turned> {
  if (operand === 'on') return turnWatch(product, notifyOnly ? 'notify' : 'repair');
  if (operand === 'off') return turnWatch(product, 'off');
  if (operand === 'status')
    return { stands: await watchStanding(product.engine, product.watch), idle: false };
  throw new Problem(
    'invalid',
    phrase`"${operand ?? ''}" is nothing that the watch does: write on, off or status.`,
  );
}

function sentence({ mode, timer, hook }: WatchStanding): string {
  if (mode === 'off' && !timer && hook !== true) return phrase`The watch is off.`;
  const when = [
    ...(timer ? [phrase`every 15 minutes`] : []),
    ...(hook === true ? [phrase`after each update of cPanel`] : []),
  ].join(phrase` and `);
  const does = {
    off: phrase`and does nothing: turn it on or off again`,
    repair: phrase`and repairs what was set up and is undone`,
    notify: phrase`and only tells what is undone`,
  }[mode];
  const missing = [
    ...(timer ? [] : [phrase`Its timer is not enabled.`]),
    ...(hook === false ? [phrase`cPanel has not taken the hook for its updates.`] : []),
  ];
  return [phrase`The watch looks ${when === '' ? phrase`never` : when} ${does}.`, ...missing].join(' ');
}

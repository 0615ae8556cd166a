import { settingsInput, type SettingsInput } from '../core/settings.ts';
import { basisOf } from './basis.ts';
import type { Product } from './product.ts';
import { standing } from './standing.ts';
import { watchOff, watchOn, type WatchStanding } from './watch-switch.ts';
import type { Watching } from './watching.ts';

/** How the watch stands after it was turned. `idle`: it is on, and nothing has been right yet that it could keep. */
export interface Turned {
  readonly stands: WatchStanding;
  readonly idle: boolean;
}

type Parts = Pick<Product, 'engine' | 'book' | 'remembered' | 'watch'>;

/** Turns the watch on, to repair or only to tell, or off. @throws Problem when its timer cannot be started or stopped */
export async function turnWatch(product: Parts, mode: Watching['mode']): Promise<Turned> {
  const { engine, watch } = product;
  if (mode === 'off') return { stands: await watchOff(engine, watch), idle: false };
  const { right, idle } = await keptFrom(product);
  return { stands: await watchOn(engine, watch, mode, right), idle };
}

/** What the watch keeps. `right`: the settings by which this server is right although no run has made it so. */
async function keptFrom(product: Parts): Promise<{ right: SettingsInput | null; idle: boolean }> {
  const { is } = basisOf(await product.book.list());
  if (is !== 'never') return { right: null, idle: is === 'undone' };
  const { settings } = await product.remembered();
  const isRight = (await standing(product, settings)).ok === true;
  return { right: isRight ? settingsInput(settings) : null, idle: !isRight };
}

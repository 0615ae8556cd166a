import { parseSettings } from '../core/settings.ts';
import { ensure, type Ensured } from '../runs/ensure.ts';
import type { Product } from '../runs/product.ts';
import { readWatching, tellNews } from '../runs/watching.ts';
import type { Arguments } from './arguments.ts';

const EXITS: Readonly<Record<Ensured['outcome'], number>> = {
  'not-ours': 0,
  right: 0,
  repaired: 0,
  undone: 1,
  failed: 1,
  busy: 5,
};

interface Voice {
  out(text: string): void;
  err(text: string): void;
  readonly cancel: AbortSignal;
}

/** Repairs what was right once, and prints one line. Unattended it does what the watch was turned on for, and tells. */
export async function ensureRight(product: Product, { values }: Arguments, voice: Voice): Promise<number> {
  const { engine, watch } = product;
  const unattended = values.unattended === true;
  const watching = await readWatching(engine, watch);
  const ensured = await ensure(product, {
    repair: !unattended || watching.mode === 'repair',
    unattended,
    failedPlan: unattended ? watching.failedPlan : null,
    right: watching.right === null ? null : parseSettings(watching.right),
    cancel: voice.cancel,
  });
  voice.out(values.json === true ? `${JSON.stringify(ensured)}\n` : `${ensured.sentence}\n`);
  if (unattended) {
    const trouble = await tellNews(engine, watch, watching, ensured);
    if (trouble !== null) voice.err(`${trouble}\n`);
  }
  return EXITS[ensured.outcome];
}

import type { Finding } from '../core/finding.ts';
import type { Settings } from '../core/settings.ts';
import type { Status } from '../core/status.ts';
import { statusOf } from '../engine/findings.ts';
import { survey } from '../engine/survey.ts';
import type { Product } from './product.ts';
import type { RunRecord } from './record.ts';

/** How the server stands: what a survey finds, and runs that were cut off and left something changed. */
export async function standing(
  product: Pick<Product, 'engine' | 'book'>,
  settings: Settings,
): Promise<Status> {
  const [found, runs] = await Promise.all([survey(product.engine, settings), product.book.list()]);
  const status = statusOf(found, settings);
  const cutOff = runs.filter(({ state, changed }) => state === 'interrupted' && changed).map(interrupted);
  if (cutOff.length === 0) return status;
  return { ...status, ok: false, findings: [...cutOff, ...status.findings] };
}

function interrupted(run: RunRecord): Finding {
  const begun = run.steps.filter(({ state }) => state !== 'waiting');
  const last = begun.at(-1);
  return {
    id: 'run-interrupted',
    level: 'bad',
    title: 'A run was cut off',
    fact: `Run ${run.id} began ${begun.length} of ${run.steps.length} steps and has no end; the last was: ${last?.title ?? 'none'}.`,
    fix: `Put it back: ftp-passive undo ${run.undoes ?? run.id}, or the button on the page of that run in the history.`,
  };
}

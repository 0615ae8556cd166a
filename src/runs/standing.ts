import type { Finding } from '../core/finding.ts';
import { phrase } from '../core/phrase.ts';
import { sameRange } from '../core/range.ts';
import type { Settings } from '../core/settings.ts';
import type { Status } from '../core/status.ts';
import { statusOf } from '../engine/findings.ts';
import { survey, type Survey } from '../engine/survey.ts';
import { driftOf, undoneBy } from '../engine/undone-by.ts';
import { basisOf } from './basis.ts';
import type { Product } from './product.ts';
import { secondsLeft, type RunRecord } from './record.ts';

/** How the server stands: what a survey finds, and runs that were cut off or wait for their confirmation. */
export async function standing(
  product: Pick<Product, 'engine' | 'book'>,
  settings: Settings,
): Promise<Status> {
  const [found, runs] = await Promise.all([survey(product.engine, settings), product.book.list()]);
  const status = statusOf(found, settings);
  const cutOff = runs.filter(({ state, changed }) => state === 'interrupted' && changed).map(interrupted);
  const now = product.engine.clock.now();
  const waiting = runs.flatMap((run) => unconfirmed(run, now) ?? []);
  const ours = [...cutOff, ...waiting, ...(await undone(product, settings, found, runs, status))];
  if (ours.length === 0) return status;
  return { ...status, ok: false, findings: [...ours, ...status.findings] };
}

/** What was right once and is not any more; nothing when the question is about other settings. */
async function undone(
  { engine, book }: Pick<Product, 'engine' | 'book'>,
  settings: Settings,
  found: Survey,
  runs: readonly RunRecord[],
  status: Status,
): Promise<Finding[]> {
  const basis = basisOf(runs);
  if (basis.is !== 'set-up' || !sameChoice(settings, basis.settings)) return [];
  const drift = driftOf(status, basis.settings.only);
  if (drift.length === 0) return [];
  const journals = await Promise.all(basis.runs.map(({ id }) => book.entries(id)));
  return [await undoneBy(engine.files, { run: basis.run, entries: journals.reverse().flat(), found }, drift)];
}

function sameChoice(a: Settings, b: Settings): boolean {
  return (
    sameRange(a.range, b.range) &&
    a.passiveAddress === b.passiveAddress &&
    a.ipv6 === b.ipv6 &&
    (a.only === null || b.only === null || a.only === b.only)
  );
}

function interrupted(run: RunRecord): Finding {
  const begun = run.steps.filter(({ state }) => state !== 'waiting');
  const last = begun.at(-1);
  return {
    id: 'run-interrupted',
    level: 'bad',
    title: phrase`A run was cut off`,
    fact: phrase`Run ${run.id} began ${begun.length} of ${run.steps.length} steps and has no end; the last was: ${last?.title ?? phrase`none`}.`,
    fix: phrase`Put it back: ftp-passive undo ${run.undoes ?? run.id}, or the button on the page of that run in the history.`,
    run: run.id,
  };
}

/** A run whose changes go by themselves; null for any other, and while it goes on. */
function unconfirmed(run: RunRecord, nowMs: number): Finding | null {
  const left = secondsLeft(run, nowMs);
  if (left === null) return null;
  const since = run.ended ?? run.unconfirmed?.armed ?? run.started;
  return {
    id: 'run-unconfirmed',
    level: 'warn',
    title: phrase`A run is not confirmed yet`,
    fact: phrase`Run ${run.id} waits since ${since.slice(0, 10)} ${since.slice(11, 19)} UTC; ${left === 0 ? phrase`it is being put back now` : phrase`it is put back in ${left} ${left === 1 ? phrase`second` : phrase`seconds`}`}.`,
    fix: phrase`Keep it: ftp-passive confirm ${run.id}. Put it back now: ftp-passive undo ${run.id}. Or the buttons on the page of that run.`,
    run: run.id,
  };
}

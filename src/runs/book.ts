import { phrase } from '../core/phrase.ts';
import type { Plan } from '../core/plan.ts';
import { Problem } from '../core/problem.ts';
import { parseJournal, type Entry } from '../engine/journal.ts';
import { changesAnything } from '../engine/undo.ts';
import type { RunRecord, RunState, StepState } from './record.ts';
import type { Shelf } from './shelf.ts';

/** What the journals tell of all runs. */
export interface Book {
  /** Newest first. */
  list(): Promise<readonly RunRecord[]>;
  /** @throws Problem `not-found` */
  run(id: string): Promise<RunRecord>;
  /** The journal itself, for undo. @throws Problem `not-found` */
  entries(id: string): Promise<readonly Entry[]>;
}

/** What of a long history is kept in mind: a journal that is larger than this, in characters, is read each time. */
const SMALL = 64 * 1024;

export function openBook(shelf: Shelf): Book {
  const known = new Map<string, { readonly stamp: string; readonly entries: readonly Entry[] }>();
  async function read(id: string): Promise<readonly Entry[] | null> {
    // Before it is read: what comes in between makes it another one for the next time.
    const stamp = shelf.stampOf(id);
    const kept = known.get(id);
    if (kept !== undefined && kept.stamp === stamp) return kept.entries;
    known.delete(id);
    const text = await shelf.readJournal(id);
    if (text === null) return null;
    const entries = parseJournal(text);
    if (stamp !== null && text.length <= SMALL) known.set(id, { stamp, entries });
    return entries;
  }
  const book: Book = {
    async list() {
      const holder = await shelf.holder();
      const ids = await shelf.list();
      for (const id of known.keys()) if (!ids.includes(id)) known.delete(id);
      const records = await Promise.all(
        ids.map(async (id) => foldJournal(id, (await read(id)) ?? [], holder) ?? []),
      );
      return records.flat().sort((a, b) => b.started.localeCompare(a.started));
    },
    async run(id) {
      const holder = await shelf.holder();
      const record = foldJournal(id, await book.entries(id), holder);
      if (record === null) throw noRun(id);
      return record;
    },
    async entries(id) {
      const entries = isRunId(id) ? await read(id) : null;
      if (entries === null) throw noRun(id);
      return entries;
    },
  };
  return book;
}

/** Names are made by this program; anything else never reaches the file system. */
export function isRunId(text: string): boolean {
  return /^\d{8}T\d{6}Z-[0-9a-f]{6}$/.test(text);
}

function noRun(id: string): Problem {
  return new Problem('not-found', phrase`There is no run "${id}"; "ftp-passive runs" lists those that are.`);
}

/** Whether a step that was begun and not put back may have changed something: a question changes nothing. */
function leftSomething({ steps }: Plan, states: ReadonlyMap<string, StepState>): boolean {
  return steps.some((step) => changesAnything(step) && (states.get(step.id) ?? 'undone') !== 'undone');
}

/** One record from a journal's entries; null for a journal that was cut off before its first line. */
export function foldJournal(id: string, entries: readonly Entry[], holder: string | null): RunRecord | null {
  const begin = entries.find((entry) => entry.at === 'begin');
  if (begin === undefined) return null;
  const end = entries.findLast((entry) => entry.at === 'end');
  const undone = entries.findLast((entry) => entry.at === 'undone');
  const states = new Map<string, StepState>();
  for (const entry of entries) if (entry.at === 'step') states.set(entry.step, entry.state);
  const state: RunState = end?.state ?? (holder === id ? 'running' : 'interrupted');
  const changed =
    undone === undefined && (end?.changed ?? (begin.verb === 'undo' || leftSomething(begin.plan, states)));
  const armed = entries.find((entry) => entry.at === 'armed');
  const confirmed = entries.find((entry) => entry.at === 'confirmed');
  const waits = armed !== undefined && changed && confirmed === undefined;
  const cancels = entries.filter((entry) => entry.at === 'cancel').length;
  return {
    id,
    verb: begin.verb,
    ...(begin.undoes === undefined ? {} : { undoes: begin.undoes }),
    who: begin.who,
    started: begin.started,
    ...(end === undefined ? {} : { ended: end.ended }),
    state,
    changed,
    settings: begin.settings,
    plan: begin.plan,
    steps: begin.plan.steps.map((step) => ({
      id: step.id,
      title: step.title,
      state: states.get(step.id) ?? 'waiting',
    })),
    ...(end?.problem === undefined ? {} : { problem: end.problem }),
    ...(end?.unproven === undefined ? {} : { unproven: end.unproven }),
    ...(undone === undefined ? {} : { undoneBy: undone.by }),
    ...(waits ? { unconfirmed: { armed: armed.when, seconds: armed.seconds } } : {}),
    ...(confirmed === undefined ? {} : { confirmed: confirmed.who }),
    ...(cancels === 0 ? {} : { cancels }),
  };
}

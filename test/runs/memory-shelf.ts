import type { Plan } from '../../src/core/plan.ts';
import type { Entry } from '../../src/engine/journal.ts';
import type { Shelf } from '../../src/runs/shelf.ts';

/** A shelf in memory. `asked`: every run that was asked for by name. */
export interface MemoryShelf extends Shelf {
  readonly asked: string[];
  write(run: string, ...entries: readonly (Entry | string)[]): void;
  held: string | null;
}

export function memoryShelf(): MemoryShelf {
  const journals = new Map<string, string>();
  const recordings = new Map<string, Buffer>();
  const asked: string[] = [];
  const shelf: MemoryShelf = {
    asked,
    held: null,
    write(run, ...entries) {
      const lines = entries.map((entry) =>
        typeof entry === 'string' ? entry : `${JSON.stringify(entry)}\n`,
      );
      journals.set(run, (journals.get(run) ?? '') + lines.join(''));
    },
    create: () => Promise.resolve(),
    list: () => Promise.resolve([...journals.keys()].sort()),
    addToJournal(run, line) {
      shelf.write(run, `${line}\n`);
      return Promise.resolve();
    },
    readJournal(run) {
      asked.push(run);
      return Promise.resolve(journals.get(run) ?? null);
    },
    stampOf: (run) => journals.get(run) ?? null,
    addToRecording(run, bytes) {
      const before = recordings.get(run) ?? Buffer.alloc(0);
      recordings.set(run, Buffer.concat([before, bytes]));
      return { offset: before.length, bytes };
    },
    readRecording: (run, offset, most) =>
      Promise.resolve((recordings.get(run) ?? Buffer.alloc(0)).subarray(offset, offset + most)),
    size: (run) => Promise.resolve((journals.get(run)?.length ?? 0) + (recordings.get(run)?.length ?? 0)),
    remove(run) {
      journals.delete(run);
      recordings.delete(run);
      return Promise.resolve();
    },
    copyPath: (run, step, index) => `${run}/${step}-${index}`,
    lock(run) {
      shelf.held = run;
      return Promise.resolve(() => Promise.resolve(void (shelf.held = null)));
    },
    holder: () => Promise.resolve(shelf.held),
  };
  return shelf;
}

const PLAN: Plan = {
  id: 'plan',
  empty: false,
  notes: [],
  steps: ['s1', 's2', 's3'].map((id) => ({
    id,
    kind: 'restart',
    title: `Title of ${id}`,
    why: '',
    undoable: true,
    command: ['/bin/true'],
    timeoutSeconds: 1,
  })),
};

/** The first line of a journal: a plan of three steps. */
export function begin(more: Partial<Extract<Entry, { at: 'begin' }>> = {}): Entry {
  return {
    at: 'begin',
    verb: 'apply',
    who: { user: 'root', address: 'local', via: 'cli' },
    started: '2026-11-22T10:22:33.000Z',
    settings: { range: '50000-50010' },
    plan: PLAN,
    ...more,
  };
}

export const end = (state: 'done' | 'undone' | 'failed', changed: boolean): Entry => ({
  at: 'end',
  ended: '2026-11-22T10:22:43.000Z',
  state,
  changed,
});

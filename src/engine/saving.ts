import type { Plan, Step } from '../core/plan.ts';
import type { RunLog, Saved } from './journal.ts';
import type { EnginePorts } from './survey.ts';

/** The copies of a run: all that a step may change, as it was right before it. */
export interface Saving {
  /** @throws Problem when a file cannot be copied */
  before(step: Step): Promise<Saved[]>;
  /** Begins no further copy, and takes away those that no step has counted: a full disk may need their room. */
  end(): Promise<void>;
  /** Resolves when no copy is being made any more. */
  over(): Promise<unknown>;
}

/** A copy that was made before its step came. `stamp`: of the file, before its bytes were read. */
interface Ahead {
  readonly stamp: string;
  readonly copy: string;
}

/** Files that a step may change. */
export function pathsOf(step: Step): readonly string[] {
  if (step.kind === 'write') return [step.path];
  return 'touches' in step ? (step.touches ?? []) : [];
}

/**
 * Begins to copy what the plan will change, one step's files after another's, while its first questions are still
 * asked. Such a copy counts only where the file bears the same stamp when its step begins; else, and where a copy could
 * not be made, the file is copied then. Copies that no line of the journal names are nobody's, and are taken away at
 * the end.
 */
export function startSaving({ files }: EnginePorts, plan: Plan, log: RunLog): Saving {
  const ahead = new Map<string, Promise<Ahead | null>>();
  const uncounted = new Set<string>();
  let ended = false;
  const goesOn = (): boolean => !ended;

  let earlier: Promise<unknown> = Promise.resolve();
  for (const step of plan.steps) {
    const turn = earlier;
    for (const path of savedBefore(step)) {
      if (ahead.has(path)) continue;
      const copy = log.copyPath('ahead', ahead.size);
      ahead.set(
        path,
        turn.then(() => copyAhead(path, copy)),
      );
    }
    earlier = Promise.all(ahead.values());
  }

  async function copyAhead(path: string, copy: string): Promise<Ahead | null> {
    if (!goesOn()) return null;
    try {
      const stamp = await files.stamp(path);
      if (stamp === null || !(await files.save(path, copy))) return null;
      if (goesOn()) uncounted.add(copy);
      else await files.discard(copy);
      return { stamp, copy };
    } catch {
      // It is made at its step, which tells why it cannot be.
      return null;
    }
  }

  async function save(path: string, late: string): Promise<Saved> {
    const made = await ahead.get(path);
    if (made && (await files.stamp(path)) === made.stamp) {
      uncounted.delete(made.copy);
      return { path, copy: made.copy };
    }
    return { path, copy: (await files.save(path, late)) ? late : null };
  }

  return {
    async before(step) {
      const saved = await Promise.allSettled(
        savedBefore(step).map((path, index) => save(path, log.copyPath(step.id, index))),
      );
      return saved.map((each) => {
        if (each.status === 'rejected') throw each.reason;
        return each.value;
      });
    },
    async end() {
      ended = true;
      await Promise.all([...uncounted].map((copy) => files.discard(copy)));
    },
    over: () => earlier,
  };
}

function savedBefore(step: Step): readonly string[] {
  return [...pathsOf(step), ...('unsettles' in step ? (step.unsettles ?? []) : [])];
}

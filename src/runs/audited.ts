import { toProblem } from '../core/problem.ts';
import type { Ending } from '../engine/journal.ts';
import type { Audit } from './audit.ts';
import type { Who } from './record.ts';
import type { Runner, Started } from './runner.ts';

/** A runner that tells what it was asked for, by whom, and what came of it: the page's way and the terminal's alike. */
export function auditedRunner(runner: Runner, audit: Audit): Runner {
  const noteFor =
    ({ user, address, via }: Who, action: string) =>
    (about: string | undefined, result: string): void =>
      audit.note({ user, address, via, action, ...(about === undefined ? {} : { about }), result });
  type Note = ReturnType<typeof noteFor>;

  async function refusable<T>(note: Note, about: string | undefined, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      note(about, `refused ${toProblem(error).code}`);
      throw error;
    }
  }

  function begun(note: Note, { run, ended }: Started, about = run): Started {
    note(about, 'begun');
    const noted = ended.then((ending: Ending) => {
      note(about, ending.problem === undefined ? ending.state : `${ending.state} ${ending.problem.code}`);
      return ending;
    });
    return { run, ended: noted };
  }

  return {
    ...runner,
    async apply(request) {
      const note = noteFor(request.who, 'apply');
      const started = await refusable(note, undefined, runner.apply(request));
      if (started !== null) return begun(note, started);
      note(undefined, 'nothing to do');
      return null;
    },
    async undo(request) {
      const note = noteFor(request.who, 'undo');
      const started = await refusable(note, request.run, runner.undo(request));
      return begun(note, started, `${started.run} for ${request.run}`);
    },
    async cancel(run, who) {
      const note = noteFor(who, 'cancel');
      await refusable(note, run, runner.cancel(run, who));
      note(run, 'asked');
    },
    async confirm(run, who) {
      const note = noteFor(who, 'confirm');
      await refusable(note, run, runner.confirm(run, who));
      note(run, 'confirmed');
    },
  };
}

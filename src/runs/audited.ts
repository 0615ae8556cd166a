import { toProblem } from '../core/problem.ts';
import type { Ending } from '../engine/journal.ts';
import type { Audit, AuditEvent } from './audit.ts';
import type { Who } from './record.ts';
import type { Runner, Started } from './runner.ts';

interface Notes {
  /** What was refused, or had nothing to do. */
  asked(about: string | undefined, result: string): void;
  done(about: string | undefined, result: string): void;
}

/** A runner that tells what it was asked for, by whom, and what came of it: the page's way and the terminal's alike. */
export function auditedRunner(runner: Runner, audit: Audit): Runner {
  const notesFor = ({ user, address, via }: Who, action: string): Notes => {
    const event = (about: string | undefined, result: string): AuditEvent => {
      return { user, address, via, action, ...(about === undefined ? {} : { about }), result };
    };
    return {
      asked: (about, result) => audit.note(event(about, result)),
      done: (about, result) => audit.note({ ...event(about, result), deed: true }),
    };
  };

  async function refusable<T>(notes: Notes, about: string | undefined, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      notes.asked(about, `refused ${toProblem(error).code}`);
      throw error;
    }
  }

  function begun(notes: Notes, { run, ended }: Started, about = run): Started {
    notes.done(about, 'begun');
    const noted = ended.then((ending: Ending) => {
      notes.done(
        about,
        ending.problem === undefined ? ending.state : `${ending.state} ${ending.problem.code}`,
      );
      return ending;
    });
    return { run, ended: noted };
  }

  return {
    ...runner,
    async apply(request) {
      const notes = notesFor(request.who, 'apply');
      const started = await refusable(notes, undefined, runner.apply(request));
      if (started !== null) return begun(notes, started);
      notes.asked(undefined, 'nothing to do');
      return null;
    },
    async undo(request) {
      const notes = notesFor(request.who, 'undo');
      const started = await refusable(notes, request.run, runner.undo(request));
      return begun(notes, started, `${started.run} for ${request.run}`);
    },
    async cancel(run, who) {
      const notes = notesFor(who, 'cancel');
      await refusable(notes, run, runner.cancel(run, who));
      notes.done(run, 'asked');
    },
    async confirm(run, who) {
      const notes = notesFor(who, 'confirm');
      await refusable(notes, run, runner.confirm(run, who));
      notes.done(run, 'confirmed');
    },
  };
}

import { duration } from '../core/duration.ts';
import { phrase } from '../core/phrase.ts';
import type { Plan } from '../core/plan.ts';
import { parseMark } from './mark.ts';
import type { RecordingEvent } from './reading.ts';

/** A silence that is shorter is no news. */
const SILENT_SECONDS = 10;

/** What a recording tells of the present: which step is at work, and when anything was put out last. */
export interface AtWork {
  hear(event: RecordingEvent): void;
  /** Seconds since the run began; null while nothing was put out. */
  readonly lastOutput: number | null;
  /** The step at work with what is to be said of its time; null between steps. `now`: seconds since the run began. */
  tell(now: number): { readonly step: string; readonly sentence: string } | null;
}

/** @param limitOf after how many seconds this step's program is ended; null for a step without one */
export function watchWork(limitOf: (step: string) => number | null): AtWork {
  let step: string | null = null;
  let began = 0;
  let lastOutput: number | null = null;
  return {
    hear({ at, kind, text }) {
      if (kind === 'output') {
        lastOutput = at;
        return;
      }
      const mark = parseMark(text);
      if (mark === null) return;
      step = mark.of === 'step' && mark.state === 'running' ? mark.step : null;
      began = at;
    },
    get lastOutput() {
      return lastOutput;
    },
    tell(now) {
      if (step === null) return null;
      const silent = now - Math.max(began, lastOutput ?? 0);
      const limit = limitOf(step);
      const parts = [
        phrase`For ${seconds(now - began)}`,
        ...(silent < SILENT_SECONDS ? [] : [phrase`without output for ${seconds(silent)}`]),
        ...(limit === null ? [] : [phrase`it is ended after ${seconds(limit)}`]),
      ];
      return { step, sentence: `${parts.join('; ')}.` };
    },
  };
}

function seconds(count: number): string {
  return duration(count * 1000);
}

/** After how many seconds each step's program is ended. */
export function limitsOf(plan: Plan): (step: string) => number | null {
  const limits = new Map(
    plan.steps.flatMap((step) => ('timeoutSeconds' in step ? [[step.id, step.timeoutSeconds] as const] : [])),
  );
  return (step) => limits.get(step) ?? null;
}

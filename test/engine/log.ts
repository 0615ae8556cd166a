import type { Entry, RunLog } from '../../src/engine/journal.ts';
import { COPIES } from './disk.ts';

/** A run's log in memory. */
export interface KeptLog extends RunLog {
  readonly entries: Entry[];
  readonly said: string[];
  /** `s1 running`, `s1 done`, … in order. */
  readonly marks: string[];
}

export function openLog(run = 'r1'): KeptLog {
  const entries: Entry[] = [];
  const said: string[] = [];
  const marks: string[] = [];
  return {
    entries,
    said,
    marks,
    journal(entry) {
      // What is on disk is text: what JSON cannot say would be lost.
      entries.push(JSON.parse(JSON.stringify(entry)) as Entry);
      return Promise.resolve();
    },
    copyPath: (step, index) => `${COPIES}${run}/originals/${step}-${index}`,
    output: (bytes) => void said.push(Buffer.from(bytes).toString()),
    say: (line) => void said.push(line),
    step: (step, state) => void marks.push(`${step} ${state}`),
  };
}

import type { Entry, RunLog } from '../engine/journal.ts';
import type { EnginePorts } from '../engine/survey.ts';
import { startRecording, type Recorder, type RecordingSize } from './recording.ts';
import type { Shelf } from './shelf.ts';
import type { Tail } from './tail.ts';

/** What happens in a run, for whoever started it. */
export type RunEvent =
  | { readonly event: 'step'; readonly step: string; readonly state: string; readonly text: string }
  | { readonly event: 'output'; readonly text: string };

export interface LogPorts {
  readonly engine: Pick<EnginePorts, 'clock'>;
  readonly shelf: Shelf;
  readonly size: RecordingSize;
  /** Told of what was added to a recording, where that is known. */
  readonly grew: Tail['grew'];
}

/** A run's journal and recording, open for writing. */
export type OpenLog = RunLog & { readonly recorder: Recorder };

/** Begins a run's journal with this line, and its recording. @throws Problem when the disk takes neither */
export async function openLog(
  { shelf, engine, size, grew }: LogPorts,
  run: string,
  begin: Omit<Extract<Entry, { at: 'begin' }>, 'started'>,
  observe?: (event: RunEvent) => void,
): Promise<OpenLog> {
  const startedMs = engine.clock.now();
  await shelf.create(run);
  const write = (bytes: Uint8Array): void => {
    grew(run, shelf.addToRecording(run, bytes));
  };
  const recorder = startRecording(write, () => engine.clock.elapsed(), startedMs, size);
  const decoder = new TextDecoder();
  const journal = (entry: Entry): Promise<void> => shelf.addToJournal(run, JSON.stringify(entry));
  try {
    await journal({ ...begin, started: new Date(startedMs).toISOString() });
  } catch (error) {
    // A run that could not begin leaves nothing behind.
    await shelf.remove(run).catch(() => undefined);
    throw error;
  }
  return {
    recorder,
    journal,
    copyPath: (step, index) => shelf.copyPath(run, step, index),
    output(bytes) {
      recorder.output(bytes);
      observe?.({ event: 'output', text: decoder.decode(bytes, { stream: true }) });
    },
    say(line) {
      recorder.say(line);
      observe?.({ event: 'output', text: `${line}\n` });
    },
    step(step, state, text) {
      recorder.marker(`${step} ${state}: ${text}`);
      observe?.({ event: 'step', step, state, text });
    },
  };
}

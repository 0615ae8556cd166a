import type { Shelf } from './shelf.ts';

const LOOK_EVERY_MS = 300;

/** What stops a run from outside. `cancel`: after the step at work. `end`: the program at work too. */
export interface Stops {
  readonly cancel?: AbortSignal;
  readonly end?: AbortSignal;
}

/**
 * Hears everybody who may stop a run: whoever started it by a signal, and other processes by its journal.
 * @returns signals to go by until `letGo`
 */
export function holdReins(
  { readJournal }: Pick<Shelf, 'readJournal'>,
  run: string,
  given: Stops,
): Required<Stops> & { letGo(): void } {
  const [cancel, end] = [new AbortController(), new AbortController()];
  const look = async (): Promise<void> => {
    // The plan in the first line can be long: it is not parsed for this.
    const asked = (await readJournal(run))?.match(/^\{"at":"cancel"/gm)?.length ?? 0;
    if (asked > 0) cancel.abort();
    if (asked > 1) end.abort();
  };
  const timer = setInterval(() => void look().catch(() => undefined), LOOK_EVERY_MS);
  timer.unref();
  return {
    cancel: AbortSignal.any([cancel.signal, ...(given.cancel === undefined ? [] : [given.cancel])]),
    end: AbortSignal.any([end.signal, ...(given.end === undefined ? [] : [given.end])]),
    letGo: () => clearInterval(timer),
  };
}

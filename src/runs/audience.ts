/**
 * With so much between for each of them many followers cost little more than one. For the 64 that there may be it is
 * less than it takes a command to put out what is kept at hand (tail.ts).
 */
const APART_MS = 0.8;

/** Those who follow one run, and wait for more of it again and again. */
export interface Audience {
  /** A new one, until it leaves. */
  join(): Sleeper;
  size(): number;
  /** Wakes those who sleep, all together; soon, where that was just done. */
  wake(): void;
}

export interface Sleeper {
  /**
   * @param serve called when it is to be woken: true where that is all there was to do, and it sleeps on, as long
   *   again
   * @returns whether it was woken within this time
   */
  sleep(ms: number, serve?: () => boolean): Promise<boolean>;
  /** Sleeps no more. */
  leave(): void;
}

export function openAudience(): Audience {
  /** What wakes each of them; null: it is awake. */
  const sleepers = new Set<{ wake: ((told: boolean) => void) | null }>();
  let pause: ReturnType<typeof setTimeout> | null = null;
  let due = false;

  function wake(): void {
    if (pause !== null) {
      due = true;
      return;
    }
    due = false;
    // One alone is told of everything at once: a recording is written in large pieces already.
    if (sleepers.size > 1)
      pause = setTimeout(() => {
        pause = null;
        if (due) wake();
      }, sleepers.size * APART_MS);
    for (const each of [...sleepers]) each.wake?.(true);
  }

  return {
    wake,
    size: () => sleepers.size,
    join() {
      const own: { wake: ((told: boolean) => void) | null } = { wake: null };
      sleepers.add(own);
      return {
        sleep: (ms, serve) =>
          new Promise((resolve) => {
            const timer = setTimeout(() => own.wake?.(false), ms);
            own.wake = (told) => {
              if (told && serve?.() === true) {
                timer.refresh();
                return;
              }
              clearTimeout(timer);
              own.wake = null;
              resolve(told);
            };
          }),
        leave() {
          sleepers.delete(own);
          own.wake?.(false);
        },
      };
    },
  };
}

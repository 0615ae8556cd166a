import { duration } from '../core/duration.ts';

/** Counts the run's time and the age of its last output on. */
export interface Clock {
  /** Call when output came. */
  touch(): void;
  stop(): void;
}

/** @param ageSeconds how old the run was when the server drew the page; the browser's own date does not matter */
export function startClock(
  elapsed: HTMLElement | null,
  silence: HTMLElement | null,
  ageSeconds: number,
): Clock {
  const began = performance.now() - ageSeconds * 1000;
  let last: number | null = null;

  function show(): void {
    const now = performance.now();
    if (elapsed) elapsed.textContent = duration(now - began);
    if (silence && last !== null) silence.textContent = `${duration(now - last)} ago`;
  }

  show();
  const timer = setInterval(show, 1000);
  return {
    touch() {
      last = performance.now();
      show();
    },
    stop() {
      show();
      clearInterval(timer);
    },
  };
}

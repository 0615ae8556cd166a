/** Draws what has come, at a pace that leaves the page alive. */
export interface Pace {
  /** Call when there is something to draw. */
  soon(): void;
  now(): void;
}

const FRAME = 16;
/** Of the time, the page may draw a quarter. */
const REST = 3;
const LONGEST_REST = 1000;

export function createPace(draw: () => void): Pace {
  let timer: ReturnType<typeof setTimeout> | null = null;
  let rest = FRAME;

  function now(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const began = performance.now();
    draw();
    rest = Math.min(Math.max(FRAME, REST * (performance.now() - began)), LONGEST_REST);
  }

  return { soon: () => void (timer ??= setTimeout(now, rest)), now };
}

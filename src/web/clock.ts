import { duration } from '../core/duration.ts';
import { phrase } from '../core/phrase.ts';
import { watchWork } from '../runs/at-work.ts';
import type { RecordingEvent } from '../runs/reading.ts';

/** Counts on: the run's time, the age of its last output, and the time of the step at work. */
export interface Clock {
  hear(event: RecordingEvent): void;
  /** Shows what was heard at once. */
  show(): void;
  stop(): void;
}

/** @param ageSeconds how old the run was when the server drew the page; the browser's own date does not matter */
export function startClock(page: HTMLElement, ageSeconds: number): Clock {
  const began = performance.now() - ageSeconds * 1000;
  const elapsed = page.querySelector('#elapsed');
  const silence = page.querySelector('#silence');
  const work = watchWork((step) => Number(itemOf(step)?.dataset['limit'] ?? '') || null);
  let told: Element | null = null;

  function itemOf(step: string): HTMLElement | null {
    return page.querySelector<HTMLElement>(`[data-step="${step}"]`);
  }

  function show(): void {
    const now = (performance.now() - began) / 1000;
    if (elapsed) elapsed.textContent = duration(now * 1000);
    if (silence && work.lastOutput !== null)
      silence.textContent = phrase`${duration((now - work.lastOutput) * 1000)} ago`;
    const telling = work.tell(now);
    const place = telling && (itemOf(telling.step)?.querySelector('.at-work') ?? null);
    if (told && told !== place) told.textContent = '';
    told = place;
    if (place) place.textContent = telling.sentence;
  }

  show();
  const timer = setInterval(show, 1000);
  return {
    hear: (event) => work.hear(event),
    show,
    stop() {
      show();
      clearInterval(timer);
    },
  };
}

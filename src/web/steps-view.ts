import { STATE_WORDS, type Mark } from '../runs/mark.ts';

const SAY_EVERY = 2000;
/** What is caught up on arrives at once, and only its last sentence is news. */
const SETTLES = 50;

/**
 * Shows the state of each step in the list and the last change as one sentence: at once for the eye, and not faster
 * than it can be heard for the ear.
 */
export function createStepsView(page: HTMLElement): (mark: Mark, sentence: string) => void {
  const seen = page.querySelector('#status');
  const heard = page.querySelector('#said');
  let waiting: string | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;

  function say(sentence: string): void {
    waiting = sentence;
    timer ??= setTimeout(tell, SETTLES);
  }

  function tell(): void {
    if (heard && waiting !== null) heard.textContent = waiting;
    waiting = null;
    timer = setTimeout(() => {
      timer = null;
      if (waiting !== null) tell();
    }, SAY_EVERY);
  }

  return (mark, sentence) => {
    if (seen) seen.textContent = sentence;
    say(sentence);
    if (mark.of === 'run') return;
    const item = page.querySelector(`[data-step="${mark.step}"]`);
    const badge = item?.querySelector('.badge');
    if (!item || !badge) return;
    item.className = `state-${mark.state}`;
    badge.className = `badge state-${mark.state}`;
    badge.textContent = STATE_WORDS[mark.state];
  };
}

import { STATE_WORDS, type Mark } from './mark.ts';

const SAY_EVERY = 2000;
/** What is caught up on arrives at once, and only its last sentence is news. */
const SETTLES = 50;

/** Shows the state of each step in the list, and one sentence about the last change, not faster than it can be heard. */
export function createStepsView(page: HTMLElement): (mark: Mark, sentence: string) => void {
  const status = page.querySelector('#status');
  let waiting: string | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;

  function say(sentence: string): void {
    waiting = sentence;
    timer ??= setTimeout(tell, SETTLES);
  }

  function tell(): void {
    if (status && waiting !== null) status.textContent = waiting;
    waiting = null;
    timer = setTimeout(() => {
      timer = null;
      if (waiting !== null) tell();
    }, SAY_EVERY);
  }

  return (mark, sentence) => {
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

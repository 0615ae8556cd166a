import { STATE_WORDS, type Mark } from './mark.ts';

const SAY_EVERY = 2000;

/** Shows the state of each step in the list, and one sentence about the last change, not faster than it can be heard. */
export function createStepsView(page: HTMLElement): (mark: Mark, sentence: string) => void {
  const status = page.querySelector('#status');
  let waiting: string | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;

  function say(sentence: string): void {
    if (timer !== null) {
      waiting = sentence;
      return;
    }
    if (status) status.textContent = sentence;
    timer = setTimeout(() => {
      timer = null;
      if (waiting !== null) say(waiting);
      waiting = null;
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

import { phrase } from '../core/phrase.ts';

/** Keeps the log at its end while the person wants that; scrolling up lets go, the button takes hold again. */
export interface Scrolling {
  /** Call after something was added. */
  settle(): void;
}

const NEAR = 24;

export function createScrolling(log: HTMLElement, buttons: HTMLElement): Scrolling {
  let following = true;
  const button = addToggle(buttons, phrase`Follow the output`, following, (on) => {
    following = on;
    if (on) log.scrollTop = log.scrollHeight;
  });
  addToggle(buttons, phrase`Read new lines aloud`, false, (on) =>
    log.setAttribute('aria-live', on ? 'polite' : 'off'),
  );

  log.addEventListener('scroll', () => {
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;
    if (atEnd === following) return;
    following = atEnd;
    button.setAttribute('aria-pressed', String(following));
  });
  return {
    settle() {
      if (following) log.scrollTop = log.scrollHeight;
    },
  };
}

function addToggle(
  place: HTMLElement,
  label: string,
  on: boolean,
  change: (on: boolean) => void,
): HTMLElement {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'button toggle';
  button.textContent = label;
  button.setAttribute('aria-pressed', String(on));
  button.addEventListener('click', () => {
    const next = button.getAttribute('aria-pressed') !== 'true';
    button.setAttribute('aria-pressed', String(next));
    change(next);
  });
  place.append(button, ' ');
  return button;
}

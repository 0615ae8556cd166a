import { phrase } from '../core/phrase.ts';
import { copy } from './copying.ts';

/** Gives each text of the page that is there to be copied a button before it. `data-copy`: what the button does. */
export function offerCopies(): void {
  for (const element of document.querySelectorAll<HTMLElement>('[data-copy]')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'button copy';
    button.textContent = phrase`Copy`;
    button.setAttribute('aria-label', element.dataset['copy'] ?? '');
    const said = document.createElement('span');
    said.className = 'help';
    said.setAttribute('role', 'status');
    const parts = { write, select: () => select(element) };
    button.addEventListener('click', () => {
      // A second time is told too.
      said.textContent = '';
      void copy(element.textContent, parts).then((words) => (said.textContent = words));
    });
    const tools = document.createElement('span');
    tools.className = 'copy-tools';
    tools.append(button, ' ', said);
    element.before(tools);
  }
}

function write(text: string): Promise<void> {
  // Browsers have none for a page that they do not trust to come from the server that it names.
  const clipboard = navigator.clipboard as Clipboard | undefined;
  return clipboard?.writeText(text) ?? Promise.reject(new Error('There is no clipboard for this page.'));
}

function select(element: Element): void {
  const all = document.createRange();
  all.selectNodeContents(element);
  const selection = getSelection();
  selection?.removeAllRanges();
  selection?.addRange(all);
}

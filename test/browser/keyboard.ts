import assert from 'node:assert/strict';
import type { Frame, Page } from 'playwright-core';

/** Where the keyboard is. `place`: its number among all elements of the page, in their order. */
interface Stop {
  readonly text: string;
  readonly place: number;
  /** What somebody who looks for the focus would miss; empty when it is seen. */
  readonly unseen: string;
}

const STOP = `(() => {
  const element = document.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  const { left, top, right, bottom } = element.getBoundingClientRect();
  const x = Math.max(left, Math.min((left + right) / 2, innerWidth - 1));
  const y = [top + 4, (top + bottom) / 2, bottom - 4].find((each) => each > 0 && each < innerHeight);
  const over = y === undefined ? null : document.elementFromPoint(x, y);
  const unseen =
    outlineStyle === 'none' || parseFloat(outlineWidth) < 2 ? 'has no outline'
    : over === null ? 'is out of sight'
    : element.contains(over) || over.contains(element) || over.closest('label')?.control === element ? ''
    : 'is behind ' + over.outerHTML.slice(0, 80);
  const text = (element.getAttribute('aria-label') ?? element.textContent ?? '').trim().slice(0, 60);
  return {
    text: text === '' ? element.id : text,
    place: [...document.querySelectorAll('*')].indexOf(element),
    unseen,
  };
})()`;

/** Everything that Tab has to reach. */
const REACHABLE = `[...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
  .filter((each) => each.type !== 'hidden' && each.checkVisibility({ visibilityProperty: true })).length`;

const MOST = 120;

/** Where the keyboard is now. */
export function stopOf(view: Page | Frame): Promise<Stop> {
  return view.evaluate<Stop>(STOP);
}

/** Goes on by Tab until it is at what is called so, and sees each place on the way. */
export async function tabTo(page: Page, label: string, view: Page | Frame = page): Promise<void> {
  // What is there before its style has come has the browser's own, thinner outline.
  await view.waitForLoadState();
  for (let presses = 0; presses < MOST; presses++) {
    await page.keyboard.press('Tab');
    const { text, unseen } = await stopOf(view);
    assert.equal(unseen, '', text);
    if (text === label) return;
  }
  assert.fail(`${label} is not reached by Tab.`);
}

/** Goes through a page that was just opened, from its top to its end: all that can be pressed, in the page's order. */
export async function walk(page: Page): Promise<void> {
  const all = await page.evaluate<number>(REACHABLE);
  const stops: Stop[] = [];
  for (let presses = 0; presses < all; presses++) {
    await page.keyboard.press('Tab');
    stops.push(await stopOf(page));
  }
  assert.deepEqual(
    stops.filter(({ unseen }) => unseen !== '').map(({ text, unseen }) => `${text} ${unseen}`),
    [],
  );
  const places = stops.map(({ place }) => place);
  assert.deepEqual(
    places,
    [...new Set(places)].sort((a, b) => a - b),
    'in the order of the page, each once',
  );
}

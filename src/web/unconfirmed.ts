import { duration } from '../core/duration.ts';
import { phrase } from '../core/phrase.ts';
import { confirmItself, type Answer } from './confirming.ts';
import { isRefusal } from './place.ts';
import type { Reload } from './reload.ts';

/** An answer may wait for the twin and for whoever is at work. */
const PATIENCE = 20_000;
/** What puts a run back looks once a second, and then needs a moment to begin. */
const BEGINS = 3000;

/** The part of a run's page that tells of a run which waits for its confirmation: counts down, and confirms by itself. */
export function watchUnconfirmed(
  part: HTMLElement,
  reload: Reload,
  sleep: (milliseconds: number) => Promise<void>,
): void {
  const { left = '', self } = part.dataset;
  const [words, time] = [part.querySelector('#confirming'), part.querySelector('#left')];
  const say = (text: string): void => {
    if (words && words.textContent !== text) words.textContent = text;
  };
  if (left === '') return;
  if (time) void countDown(time, Number(left), sleep).then(() => reload(say));
  const form = part.querySelector<HTMLFormElement>('#confirm');
  if (self !== '1' || !form) return;
  void confirmItself({ ask: () => ask(form), say, sleep }).then((kept) => {
    if (kept) return reload(say);
  });
}

async function countDown(
  time: Element,
  seconds: number,
  sleep: (milliseconds: number) => Promise<void>,
): Promise<void> {
  const due = performance.now() + seconds * 1000;
  for (let left = seconds * 1000; left > 0; left = due - performance.now()) {
    time.textContent = phrase`in ${duration(Math.ceil(left / 1000) * 1000)}`;
    await sleep(Math.min(1000, left));
  }
  time.textContent = phrase`now`;
  await sleep(BEGINS);
}

async function ask(form: HTMLFormElement): Promise<Answer> {
  const csrf = form.querySelector<HTMLInputElement>('input[name="csrf"]')?.value ?? '';
  try {
    const response = await fetch(form.action, {
      method: 'POST',
      body: new URLSearchParams({ csrf, by: 'page' }),
      cache: 'no-store',
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (isRefusal(response.status)) return 'refused';
    return response.ok ? ((await response.json()) as Answer) : 'again';
  } catch {
    return 'again';
  }
}

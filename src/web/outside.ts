import { isRefusal } from './place.ts';
import { tryAll, waitForEnd, type Progress } from './trying.ts';

/** A try that has met nothing by then has met a rule that drops. Milliseconds. */
const TRY_FOR = 6000;

/** The page of a proof that is under way. */
export function watchOutside(page: HTMLElement, sleep: (milliseconds: number) => Promise<void>): void {
  const { proof = '', csrf = '', over, tries = '' } = page.dataset;
  if (over === '1') return;
  const words = page.querySelector('#outside-said');
  const say = (text: string): void => {
    if (words && words.textContent !== text) words.textContent = text;
  };
  void waitForEnd({ ask: () => ask(proof), say, sleep }).then((ended) => {
    if (ended) location.reload();
  });
  if (tries === '') return;
  let keptFrom = false;
  document.addEventListener('securitypolicyviolation', () => (keptFrom = true));
  void tryAll(tries.split(' '), {
    connect: (target) =>
      fetch(`https://${target}/`, {
        mode: 'no-cors',
        credentials: 'omit',
        cache: 'no-store',
        referrerPolicy: 'no-referrer',
        signal: AbortSignal.timeout(TRY_FOR),
      }),
    wasKeptFrom: () => keptFrom,
    end: (tried) =>
      fetch(`?r=outside/${proof}/end`, {
        method: 'POST',
        body: new URLSearchParams({ csrf, tried: tried ? '1' : '0' }),
        redirect: 'manual',
      }).catch(() => undefined),
    now: () => performance.now(),
    sleep,
  });
}

async function ask(proof: string): Promise<Progress | 'refused' | 'gone' | null> {
  try {
    const response = await fetch(`?r=outside/${proof}/result`, { cache: 'no-store' });
    if (isRefusal(response.status)) return 'refused';
    if (response.status === 404) return 'gone';
    return response.ok ? ((await response.json()) as Progress) : null;
  } catch {
    return null;
  }
}

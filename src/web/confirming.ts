const AGAIN = 5000;
const TRIES = 30;

/**
 * Confirms a run by itself: that this request arrives shows that the server can still be reached. The server asks its
 * firewall too, since a browser may send it over a connection that was open before.
 */
export async function confirmItself(
  form: HTMLFormElement,
  say: (words: string) => void,
  sleep: (milliseconds: number) => Promise<void>,
): Promise<void> {
  const csrf = form.querySelector<HTMLInputElement>('input[name="csrf"]')?.value ?? '';
  for (let tries = 0; tries < TRIES; tries++) {
    const status = await post(form.action, csrf);
    if (status !== null && status < 400) {
      location.reload();
      return;
    }
    if (status !== null && status !== 409) {
      say('The server did not take this for a proof; the button below tells why.');
      return;
    }
    say('The server cannot be reached now, or is at work; trying again.');
    await sleep(AGAIN);
  }
}

/** The status of the answer; null when there was none. */
async function post(address: string, csrf: string): Promise<number | null> {
  try {
    const response = await fetch(address, {
      method: 'POST',
      body: new URLSearchParams({ csrf }),
      cache: 'no-store',
    });
    return response.status;
  } catch {
    return null;
  }
}

const PATIENCE = 10_000;
const AGAIN = 3000;

/** Loads the page anew once the server answers: a browser that cannot reach it would show a page of its own instead. */
export async function reloadWhenReached(
  say: (words: string) => void,
  sleep: (milliseconds: number) => Promise<void>,
): Promise<void> {
  while (!(await isReached())) {
    say('The server cannot be reached now. A run that cuts you off is put back by itself; trying again.');
    await sleep(AGAIN);
  }
  location.reload();
}

/** Whether anything answers. What it says is for the person to see. */
async function isReached(): Promise<boolean> {
  try {
    const response = await fetch(location.href, { cache: 'no-store', signal: AbortSignal.timeout(PATIENCE) });
    await response.arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

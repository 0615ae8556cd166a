import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { openPage } from '../browser/chromium.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';

/** Somebody at a browser, logged in to the stand-in WHM. */
export interface Visitor {
  readonly page: Page;
  /** What the browser complained of, and every request that failed or was answered with an error. */
  readonly complaints: string[];
  /** The binary messages of each WebSocket, the newest socket last. */
  readonly sockets: readonly { readonly url: string; readonly messages: Buffer[] }[];
}

/** What the run's page that was left last had shown of the output. For `evaluate`. */
export const LEFT_LOG = 'sessionStorage.getItem("left")';

/** Where a page that is left keeps the lines of its log, for the page that comes after it. */
const KEEP_LOG = `addEventListener('pagehide', () => {
  const lines = [...document.querySelectorAll('#log .line')].map((line) => line.textContent);
  if (document.querySelector('#run')) sessionStorage.setItem('left', lines.join('\\n'));
})`;

/** Logs in as one of the sandbox's people and arrives at WHM's home. */
export async function visit(
  browser: Browser,
  sandbox: Sandbox,
  name = 'root',
  options: BrowserContextOptions = {},
): Promise<Visitor> {
  const { page, complaints } = await openPage(browser, {
    viewport: { width: 1280, height: 1200 },
    deviceScaleFactor: 1,
    ...options,
  });
  const sockets: { url: string; messages: Buffer[] }[] = [];
  await page.addInitScript(KEEP_LOG);
  page.on('requestfailed', (request) =>
    complaints.push(`${request.method()} ${routeOf(request.url())}: ${request.failure()?.errorText ?? ''}`),
  );
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`);
  });
  page.on('websocket', (socket) => {
    const messages: Buffer[] = [];
    sockets.push({ url: socket.url(), messages });
    socket.on('framereceived', ({ payload }) => messages.push(Buffer.from(payload)));
  });
  const user = sandbox.users.find((each) => each.name === name);
  await page.goto(sandbox.url);
  await page.getByLabel('Username').fill(name);
  await page.getByLabel('Password').fill(user?.password ?? '');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.waitForURL(/\/cpsess\d+\/$/);
  return { page, complaints, sockets };
}

function routeOf(url: string): string {
  return new URL(url).search;
}

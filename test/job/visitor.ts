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

/** The recording's bytes that the run's page which was left last had taken, base64. For `evaluate`. */
export const LEFT_BYTES = 'sessionStorage.getItem("taken")';

/** Keeps the same way every line that the page decodes: it decodes a recording line by line, and nothing else. */
const KEEP_BYTES = `(() => {
  const taken = [];
  const { decode } = TextDecoder.prototype;
  TextDecoder.prototype.decode = function (line, ...rest) {
    taken.push(Array.from(line, (byte) => String.fromCharCode(byte)).join('') + '\\n');
    return decode.call(this, line, ...rest);
  };
  addEventListener('pagehide', () => {
    if (taken.length > 0) sessionStorage.setItem('taken', btoa(taken.join('')));
  });
})()`;

/** Logs in as one of the sandbox's people and arrives at WHM's home. */
export async function visit(
  browser: Browser,
  sandbox: Sandbox,
  name = 'root',
  options: BrowserContextOptions = {},
  url = sandbox.url,
): Promise<Visitor> {
  const { page, complaints } = await openPage(browser, {
    viewport: { width: 1280, height: 1200 },
    deviceScaleFactor: 1,
    ...options,
  });
  const sockets: { url: string; messages: Buffer[] }[] = [];
  await page.addInitScript(KEEP_LOG);
  await page.addInitScript(KEEP_BYTES);
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
  await page.goto(url);
  await page.getByLabel('Username').fill(name);
  await page.getByLabel('Password').fill(user?.password ?? '');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.waitForURL(/\/cpsess\d+\/$/);
  return { page, complaints, sockets };
}

function routeOf(url: string): string {
  return new URL(url).search;
}

/** The door that a test has shut, and answers that were still coming when a page was left or a stream given up. */
export function isCausedHere(complaint: string): boolean {
  return (
    /^WebSocket connection to 'wss:\/\/[\w.]+:\d+\/' failed/.test(complaint) ||
    /^(?:GET|POST) \?r=runs\/[\w-]+\/(?:events&offset=\d+(?:&wait=0)?|lease|ticket): net::ERR_ABORTED$/.test(
      complaint,
    )
  );
}

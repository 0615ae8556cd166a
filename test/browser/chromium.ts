import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

/** A page, and every complaint of the browser about it: console errors and warnings, and exceptions. */
export interface Opened {
  readonly page: Page;
  readonly complaints: string[];
}

/**
 * @param hosts where names lead that no name server knows, as Chromium's --host-resolver-rules says it
 * @param program what starts it, where it is to be somewhere else in the network
 */
export function launchChromium(hosts?: string, program = '/usr/bin/chromium'): Promise<Browser> {
  return chromium.launch({
    executablePath: program,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      ...(hosts === undefined ? [] : [`--host-resolver-rules=${hosts}`]),
    ],
  });
}

/** A page with cookies of its own, for servers whose certificate nobody has signed. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Opened> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  return { page, complaints };
}

/**
 * How long the status page takes from the click to its first paint, in a browser before the whole product in the
 * sandbox: with a daemon that runs, and with one that has to start. Prints medians in milliseconds.
 */
import type { Page } from 'playwright-core';
import { launchChromium } from '../test/browser/chromium.ts';
import { PATIENCE } from '../test/job/run-page.ts';
import { visit } from '../test/job/visitor.ts';
import { startSandbox } from '../test/sandbox/sandbox.ts';
import { median } from './median.ts';

const TIMES = 7;
const PAINT = `performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null`;

const [browser, sandbox] = await Promise.all([launchChromium(), startSandbox({ install: true, nat: true })]);
try {
  const { page } = await visit(browser, sandbox);
  const home = page.url();
  await painted(page, home);
  const warm: number[] = [];
  const cold: number[] = [];
  for (let time = 0; time < TIMES; time++) {
    warm.push(await painted(page, home));
    await sandbox.server.run(['systemctl', 'stop', 'ftp-passive.service']);
    cold.push(await painted(page, home));
  }
  process.stdout.write(`status, daemon running:  ${median(warm)} ms (${warm.join(' ')})\n`);
  process.stdout.write(`status, daemon stopped:  ${median(cold)} ms (${cold.join(' ')})\n`);
} finally {
  await browser.close();
  await sandbox.stop();
}

/** By the entry in WHM's menu, as a person comes there, with the style in the browser's cache. */
async function painted(page: Page, home: string): Promise<number> {
  await page.goto(home);
  await page.getByRole('link', { name: 'FTP Passive Mode' }).click();
  await page.getByText('Passive FTP does not work as it is').waitFor(PATIENCE);
  const handle = await page.waitForFunction<number | null>(PAINT);
  return Math.round((await handle.jsonValue()) ?? Number.NaN);
}

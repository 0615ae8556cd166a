/**
 * How long the status page takes from the click until the browser paints its title, and until it paints the verdict, in
 * a browser before the whole product in the sandbox: with a daemon that runs, and with one that has to start. Prints
 * medians in milliseconds.
 */
import type { Page } from 'playwright-core';
import { launchChromium } from '../test/browser/chromium.ts';
import { PATIENCE } from '../test/job/run-page.ts';
import { visit } from '../test/job/visitor.ts';
import { startSandbox } from '../test/sandbox/sandbox.ts';
import { median } from './median.ts';

const TIMES = 7;
const VERDICT = 'Passive FTP does not work as it is';
/** Milliseconds from the click to the first paint, and to the one that shows the verdict. */
const PAINTS = `window.verdictAt === undefined ? null
  : [performance.getEntriesByName('first-contentful-paint')[0].startTime, window.verdictAt]`;
const WATCH = `new MutationObserver((_seen, watch) => {
  const verdict = document.querySelector('.notice');
  if (!verdict?.textContent.includes(${JSON.stringify(VERDICT)})) return;
  watch.disconnect();
  for (const part of verdict.querySelectorAll('span')) part.setAttribute('elementtiming', 'verdict');
}).observe(document, { childList: true, subtree: true });
new PerformanceObserver((painted) => {
  window.verdictAt ??= Math.max(...painted.getEntries().map(({ renderTime }) => renderTime));
}).observe({ type: 'element', buffered: true });`;

type Paints = readonly [title: number, verdict: number];

const [browser, sandbox] = await Promise.all([launchChromium(), startSandbox({ install: true, nat: true })]);
try {
  const { page } = await visit(browser, sandbox);
  await page.addInitScript(WATCH);
  const home = page.url();
  await painted(page, home);
  const warm: Paints[] = [];
  const cold: Paints[] = [];
  for (let time = 0; time < TIMES; time++) {
    warm.push(await painted(page, home));
    await sandbox.server.run(['systemctl', 'stop', 'ftp-passive.service']);
    cold.push(await painted(page, home));
  }
  tell('status, daemon running', warm);
  tell('status, daemon stopped', cold);
} finally {
  await browser.close();
  await sandbox.stop();
}

/** By the entry in WHM's menu, as a person comes there. */
async function painted(page: Page, home: string): Promise<Paints> {
  await page.goto(home);
  await page.getByRole('link', { name: 'FTP Passive Mode' }).click();
  await page.getByText(VERDICT).waitFor(PATIENCE);
  const handle = await page.waitForFunction<Paints | null>(PAINTS);
  const [title, verdict] = (await handle.jsonValue()) ?? [Number.NaN, Number.NaN];
  return [Math.round(title), Math.round(verdict)];
}

function tell(what: string, paints: readonly Paints[]): void {
  for (const [index, part] of ['title', 'verdict'].entries()) {
    const times = paints.map((each) => each[index] ?? Number.NaN);
    process.stdout.write(`${what}, ${part}: ${median(times)} ms (${times.join(' ')})\n`);
  }
}

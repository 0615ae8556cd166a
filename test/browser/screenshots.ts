import { mkdirSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { holdInTheMiddle } from '../job/held.ts';
import { PATIENCE, press, showsTheMiddle } from '../job/run-page.ts';
import { visit } from '../job/visitor.ts';
import { startSandbox } from '../sandbox/sandbox.ts';
import { launchChromium } from './chromium.ts';

const [directory = 'docs/img'] = process.argv.slice(2);
const WIDE = { width: 1280, height: 900 };
const NARROW = { width: 375, height: 800 };

/** What FileZilla says when the server tells an address that cannot be reached. */
const LOG = `Status: Logged in
Command: PASV
Response: 227 Entering Passive Mode (10,0,0,5,195,80)
Command: MLSD
Error: Connection timed out after 20 seconds of inactivity
Error: Failed to retrieve directory listing`;

const [browser, sandbox] = await Promise.all([launchChromium(), startSandbox({ install: true, nat: true })]);
try {
  mkdirSync(directory, { recursive: true });
  const letGo = await holdInTheMiddle(sandbox.server);
  const { page } = await visit(browser, sandbox, 'root', { viewport: WIDE });

  await page.getByRole('link', { name: 'FTP Passive Mode' }).click();
  await page.getByText('Passive FTP does not work as it is').waitFor(PATIENCE);
  await keep(page, 'status');
  await keep(page, 'status-narrow', NARROW);
  await page.getByText('What passive FTP is, drawn for this server').click();
  await page.locator('.modes').screenshot({ path: `${directory}/modes.png` });
  await page.getByRole('link', { name: 'Which rule stops them' }).first().click();
  await page.getByText('is stopped here').first().waitFor(PATIENCE);
  await keep(page, 'reach');

  await go(page, 'Diagnose');
  await page.getByLabel(/^Log/).fill(LOG);
  await page.getByRole('button', { name: 'Find the cause' }).click();
  await page.getByText('What the log shows').waitFor(PATIENCE);
  await keep(page, 'diagnose');

  await go(page, 'Set up');
  await page.getByRole('heading', { name: 'The plan', exact: true }).waitFor(PATIENCE);
  await keep(page, 'plan');
  await press(page, 'Apply this plan');
  await showsTheMiddle(page);
  await keep(page, 'run');
  await letGo();
  await page.locator('#run[data-state=done]').waitFor(PATIENCE);
  await keep(page, 'done');

  await go(page, 'Verify');
  await page.getByRole('button', { name: 'Verify now' }).click();
  await page.getByRole('button', { name: 'Verify again' }).waitFor(PATIENCE);
  await keep(page, 'verify');
  for (const [name, label] of [
    ['history', 'History'],
    ['settings', 'Settings'],
    ['help', 'Help'],
  ] as const) {
    await go(page, label);
    await page.locator('nav [aria-current=page]', { hasText: label }).waitFor(PATIENCE);
    await keep(page, name);
  }

  await go(page, 'From outside');
  await page.getByRole('button', { name: 'Get the command' }).waitFor(PATIENCE);
  await keep(page, 'outside');
  await page.getByRole('button', { name: 'Get the command' }).click();
  const command = await page.getByLabel('bash', { exact: false }).and(page.locator('pre')).innerText();
  await keep(page, 'outside-command');
  await sandbox.client.run(['bash', '-c', command]);
  await page.locator('.notice', { hasText: 'Proven' }).waitFor(PATIENCE);
  await keep(page, 'outside-proven');

  await go(page, 'Status');
  await page.getByText('Passive FTP is set up').waitFor(PATIENCE);
  await keep(page, 'status-right');
} finally {
  await browser.close();
  await sandbox.stop();
}

/** By the navigation: what a page says leads to other pages too. */
async function go(page: Page, label: string): Promise<void> {
  const places = page.getByRole('navigation', { name: 'FTP Passive Mode' });
  await places.getByRole('link', { name: label, exact: true }).click();
}

/** The whole page as one picture, without what stays in sight while it is scrolled. */
async function keep(page: Page, name: string, viewport: typeof WIDE = WIDE): Promise<void> {
  await page.setViewportSize(viewport);
  const height = await page.evaluate<number>('document.documentElement.scrollHeight');
  await page.setViewportSize({ ...viewport, height: Math.min(height, 3000) });
  await page.screenshot({ path: `${directory}/${name}.png` });
  await page.setViewportSize(WIDE);
  process.stdout.write(`${directory}/${name}.png\n`);
}

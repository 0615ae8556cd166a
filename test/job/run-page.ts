import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import type { Frame, Page } from 'playwright-core';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { outputOf, recordingOf } from './recording.ts';
import { LEFT_BYTES, LEFT_LOG } from './visitor.ts';

/** The step that takes longest. */
export const RENDER = 'Let cPanel write the FTP settings and restart the FTP server';
/** A busy machine needs its time. */
export const PATIENCE = { timeout: 40_000 };

/** The page, or the frame in which it is. */
export type View = Page | Frame;

/** With SCREENSHOTS=DIRECTORY the pages are kept as pictures on the way. */
export async function picture(page: Page, name: string, fullPage = true): Promise<void> {
  const directory = process.env['SCREENSHOTS'];
  if (directory === undefined) return;
  mkdirSync(directory, { recursive: true });
  await page.screenshot({ path: `${directory}/${name}.png`, fullPage });
}

/** Waits for a button; without it the page itself says why it has none. */
export async function offers(page: View, button: string): Promise<void> {
  const offered = page.getByRole('button', { name: button }).waitFor(PATIENCE);
  await offered.catch(async () => {
    assert.fail(`The page has no button "${button}":\n${await page.locator('body').innerText()}`);
  });
}

/** Presses the button, and gives the name of the run to whose page it leads. */
export async function press(page: View, button: string): Promise<string> {
  const before = page.url();
  await offers(page, button);
  await page.getByRole('button', { name: button }).click();
  await page.waitForURL((url) => url.href !== before && url.search.includes('r=runs/'), PATIENCE);
  return new URL(page.url()).search.replace('?r=runs/', '');
}

/** Output of the command is on the page while its step still runs. */
export async function showsTheMiddle(page: Page): Promise<void> {
  const step = page.locator('.run-steps .state-running h3', { hasText: RENDER });
  const line = page.locator('#log .line', { hasText: /^Info: cpanel-perl is up to date\.$/ });
  await page
    .locator('#run[data-state=running]')
    .filter({ has: step })
    .filter({ has: line })
    .waitFor(PATIENCE);
}

/** The colour that the page gives to a piece of output, as CSS says it. */
export function colourOf(page: Page, text: string): Promise<string> {
  return page.locator('#log span', { hasText: text }).evaluate((span) => {
    interface Styled {
      getComputedStyle(element: unknown): { readonly color: string };
    }
    return (globalThis as unknown as Styled).getComputedStyle(span).color;
  });
}

/** The output in the page's log as it is shown now. */
export async function shownLog(page: View): Promise<string> {
  return (await page.locator('#log .line').allTextContents()).join('\n');
}

/** Waits for the end; what the page had followed is the recording byte for byte, and both what the page had followed and what it shows as the record are the recording's output. */
export async function endsWhole(page: View, sandbox: Sandbox, run: string): Promise<string> {
  await page.locator('#run[data-state=done]').waitFor(PATIENCE);
  const recording = await recordingOf(sandbox.server, run);
  const taken = await page.evaluate<string | null>(LEFT_BYTES);
  const file = readFileSync(`${sandbox.server.root}/var/lib/whm-ftp-passive/runs/${run}/recording.cast`);
  assert.ok(file.equals(Buffer.from(taken ?? '', 'base64')), 'The page had other bytes than the file.');
  assert.equal(await page.evaluate(LEFT_LOG), outputOf(recording));
  assert.equal(await shownLog(page), outputOf(recording));
  return recording;
}

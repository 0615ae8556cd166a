import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../browser/chromium.ts';
import { ok } from '../sandbox/machine.ts';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { RELAYED } from '../sandbox/state.ts';
import { transfer } from '../sandbox/transfer.ts';
import { holdInTheMiddle } from './held.ts';
import { outputOf, recordingOf } from './recording.ts';
import { endsWhole, PATIENCE, press, shownLog, showsTheMiddle } from './run-page.ts';
import { visit, type Visitor } from './visitor.ts';

const PLAN = '/cgi/ftp_passive/index.cgi?r=plan';

describe('a run that is watched without its live port', function () {
  this.timeout(60_000);
  let browser: Browser;
  let sandbox: Sandbox;

  before(async () => (browser = await launchChromium()));
  after(() => browser.close());
  afterEach(() => sandbox.stop());

  async function openPlan(visitor: Visitor): Promise<void> {
    await visitor.page.goto(visitor.page.url().replace(/\/$/, PLAN));
    await visitor.page.getByRole('button', { name: 'Apply this plan' }).waitFor(PATIENCE);
  }

  for (const [cgi, words] of [
    ['stream', 'Output comes live through WHM.'],
    ['buffered', 'Output comes through WHM, asked for every second.'],
  ] as const) {
    it(`is followed whole where WHM passes output on ${cgi === 'stream' ? 'as it comes' : 'at the end only'}`, async () => {
      sandbox = await startSandbox({ install: true, nat: true, cgi });
      await ok(sandbox.server.run(['rm', RELAYED.live]));
      const letGo = await holdInTheMiddle(sandbox.server);
      const visitor = await visit(browser, sandbox);
      const { page } = visitor;
      await openPlan(visitor);
      const run = await press(page, 'Apply this plan');
      await page.locator('#carrier', { hasText: words }).waitFor(PATIENCE);
      await showsTheMiddle(page);
      await page.reload();
      await page.locator('#carrier', { hasText: words }).waitFor(PATIENCE);
      await showsTheMiddle(page);
      await letGo();
      await endsWhole(page, sandbox, run);
      assert.deepEqual(
        visitor.complaints.filter((text) => !isCausedHere(text)),
        [],
      );
      await page.context().close();
    });
  }

  it('is shown by a page that loads itself again where there are no scripts', async () => {
    sandbox = await startSandbox({ install: true, nat: true });
    const letGo = await holdInTheMiddle(sandbox.server);
    const visitor = await visit(browser, sandbox, 'root', { javaScriptEnabled: false });
    const { page } = visitor;
    await page.getByRole('link', { name: 'FTP Passive Mode' }).click();
    await page.getByText('PASV names 10.0.0.5 (private)').waitFor(PATIENCE);
    await page.getByRole('link', { name: 'Set up passive FTP' }).click();
    const run = await press(page, 'Apply this plan');
    await page.locator('noscript p').waitFor(PATIENCE);
    await showsTheMiddle(page);
    await letGo();
    await page.locator('#status', { hasText: 'Everything is set up and proven.' }).waitFor(PATIENCE);
    assert.equal(await shownLog(page), outputOf(await recordingOf(sandbox.server, run)));
    assert.ok((await transfer(sandbox.client, 'curl', 'PASV')).ok);
    assert.deepEqual(visitor.complaints, []);
    await page.context().close();
  });
});

/** The door that the test has shut, and answers that were still coming when a page was left or a stream given up. */
function isCausedHere(complaint: string): boolean {
  return (
    /^WebSocket connection to 'wss:\/\/127\.0\.0\.1:\d+\/' failed/.test(complaint) ||
    /^GET \?r=runs\/[\w-]+\/events&offset=\d+(?:&wait=0)?: net::ERR_ABORTED$/.test(complaint)
  );
}

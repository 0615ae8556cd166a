import assert from 'node:assert/strict';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { launchChromium } from '../browser/chromium.ts';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import type { CgiWays } from '../sandbox/state.ts';
import { transfer } from '../sandbox/transfer.ts';
import { SUBDOMAIN } from '../sandbox/whm/subdomain.ts';
import { holdInTheMiddle, talkInTheMiddle, type Talkative } from './held.ts';
import { outputOf, recordingOf } from './recording.ts';
import { endsWhole, PATIENCE, press, shownLog, showsTheMiddle } from './run-page.ts';
import { isCausedHere, visit, type Visitor } from './visitor.ts';
import { begin, CARRIER, cut, launchForSubdomain, mend, setWays, talks } from './watching.ts';

describe('a run that is watched', function () {
  this.timeout(120_000);
  let browser: Browser;
  let sandbox: Sandbox;
  let talkative: Talkative;

  before(async () => {
    [browser, sandbox] = await Promise.all([launchChromium(), startSandbox({ install: true, nat: true })]);
    talkative = await talkInTheMiddle(sandbox.server);
  });
  after(async () => {
    await browser.close();
    await sandbox.stop();
  });
  beforeEach(() => talkative.hold());
  afterEach(async () => {
    await talkative.letGo();
    await mend(sandbox);
    await setWays(sandbox.server, {});
  });

  /** Watches a run from its middle on, loads the page again, and sees it to its end. */
  async function watch(
    visitor: Visitor,
    carrier: keyof typeof CARRIER,
    ways: Partial<CgiWays>,
  ): Promise<void> {
    const { page } = visitor;
    const run = await begin(page, page.url());
    await setWays(sandbox.server, ways);
    await page.reload();
    await talks(page, carrier);
    await talkative.letGo();
    await endsWhole(page, sandbox, run);
    assert.deepEqual(
      visitor.complaints.filter((text) => !isCausedHere(text)),
      [],
    );
    await page.context().close();
  }

  for (const [what, ways, reachable, carrier] of [
    ['over the live port', {}, true, 'socket'],
    ['where the CGI gets PATH_INFO', { pathInfo: true }, true, 'socket'],
    ['where the live port cannot be reached', {}, false, 'stream'],
    ['where WHM passes output on at the end only', { cgi: 'buffered' }, false, 'poll'],
    ['where WHM ends each CGI after two seconds', { killAfterSeconds: 2 }, false, 'stream'],
    ['where it does both', { cgi: 'buffered', killAfterSeconds: 2 }, false, 'poll'],
  ] as const) {
    it(`is followed byte for byte ${what}`, async () => {
      const visitor = await visit(browser, sandbox);
      if (!reachable) await cut(sandbox);
      await watch(visitor, carrier, ways);
    });
  }

  for (const [what, keepsHost, reachable, carrier] of [
    ['the browser’s host', true, true, 'socket'],
    ['its own host', false, false, 'poll'],
  ] as const) {
    it(`is followed byte for byte through WHM’s service subdomain, whose proxy passes on ${what}`, async () => {
      const other = await launchForSubdomain(sandbox);
      try {
        await setWays(sandbox.server, { keepsHost });
        if (!reachable) await cut(sandbox);
        const options: BrowserContextOptions = {};
        const visitor = await visit(other, sandbox, 'root', options, `https://${SUBDOMAIN}/`);
        await watch(visitor, carrier, { keepsHost });
      } finally {
        await other.close();
      }
    });
  }

  it('is followed byte for byte inside a frame of WHM', async () => {
    const { page } = await visit(browser, sandbox);
    const home = page.url();
    await page.setContent(
      '<!DOCTYPE html><title>WHM</title><iframe name="plugin" width="1200" height="1000"></iframe>',
    );
    const frame = page.frame('plugin');
    assert.ok(frame);
    const run = await begin(frame, home);
    await talks(frame, 'socket');
    await talkative.letGo();
    await endsWhole(frame, sandbox, run);
    await page.context().close();
  });
});

describe('a run that is watched without scripts', function () {
  this.timeout(60_000);

  it('is shown by a page that loads itself again', async () => {
    const browser = await launchChromium();
    const sandbox = await startSandbox({ install: true, nat: true });
    try {
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
    } finally {
      await browser.close();
      await sandbox.stop();
    }
  });
});

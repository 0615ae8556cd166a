import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { axe } from '../browser/world.ts';
import { ADDRESS } from '../sandbox/lab.ts';
import { type Machine, ok } from '../sandbox/machine.ts';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { HOLD, holdInTheMiddle } from './held.ts';
import { picture, press, PATIENCE } from './run-page.ts';
import { findingOf, json, shell } from './scene.ts';
import { visit, type Visitor } from './visitor.ts';

const CONF = '/etc/pure-ftpd.conf';
/**
 * Shuts this visitor out for the server's copy of its rules, and not for their browser, whose packets came over a
 * router: as with a browser that has a connection which was open before.
 */
const SHUT_OUT = `table inet cut {
  chain in {
    type filter hook input priority -5; policy accept;
    ip saddr ${ADDRESS.client} ip ttl 64 tcp dport 2087 ct state new drop
  }
}`;
const WOULD_NOT = `A new connection from ${ADDRESS.client} to port 2087 would not get through the firewall as it is now`;

/** A browser on another machine: its connections are of that machine. */
async function browserOn(machine: Machine, folder: string): Promise<Browser> {
  const program = join(folder, 'chromium');
  writeFileSync(program, `#!/bin/sh\nexec nsenter --target ${machine.pid} --net -- /usr/bin/chromium "$@"\n`);
  chmodSync(program, 0o755);
  return chromium.launch({
    executablePath: program,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  });
}

describe('a run that a person steers from the page', function () {
  this.timeout(120_000);
  this.bail(true);
  const folder = mkdtempSync(join(tmpdir(), 'steering-'));
  let browser: Browser | undefined;
  let sandbox: Sandbox;
  let root: Visitor;
  let page: Page;
  let first = '';
  let letGo: () => Promise<void>;

  before(async () => {
    sandbox = await startSandbox({ firewall: 'firewalld', install: true });
    letGo = await holdInTheMiddle(sandbox.server);
    await ok(sandbox.server.run(['rm', HOLD]));
    browser = await browserOn(sandbox.client, folder);
    root = await visit(browser, { ...sandbox, url: `https://${ADDRESS.public}:2087` });
    ({ page } = root);
    first = await changed();
  });
  after(async () => {
    await browser?.close();
    await sandbox.stop();
    rmSync(folder, { recursive: true });
  });

  /** All that a run may change. */
  const changed = (): Promise<string> =>
    shell(
      sandbox.server,
      `sha256sum ${CONF} /var/cpanel/conf/pureftpd/*; firewall-cmd --list-all; firewall-cmd --permanent --list-all`,
    );

  async function apply(): Promise<string> {
    await page.getByRole('link', { name: 'Set up', exact: true }).click();
    await page.waitForURL(/\?r=plan$/);
    return press(page, 'Apply this plan');
  }

  const address = (route: string): string => page.url().replace(/\?r=.*$/, `?r=${route}`);

  async function looksGood(name: string): Promise<void> {
    assert.deepEqual(await axe(page), []);
    await picture(page, name);
    await page.setViewportSize({ width: 320, height: 900 });
    assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 320);
    await picture(page, `${name}-320`);
    await page.setViewportSize({ width: 1280, height: 1200 });
  }

  it('is confirmed by the page itself when its visitor still gets in, and the page says so', async () => {
    await page.getByRole('link', { name: 'FTP Passive Mode' }).click();
    const run = await apply();
    await page.getByText('this run is put back 120 seconds after its end').waitFor(PATIENCE);
    await page.locator('#run[data-state=done]').waitFor(PATIENCE);
    await page
      .locator('#confirmed', { hasText: `Confirmed by root from ${ADDRESS.client}, from where a new` })
      .waitFor(PATIENCE);
    assert.equal(await page.locator('#unconfirmed').count(), 0);
    await looksGood('confirmed');
    const { document } = await json(sandbox.server, 'runs');
    assert.deepEqual(
      document.map(({ id, unconfirmed, confirmed }) => [id, unconfirmed, confirmed?.address]),
      [[run, undefined, ADDRESS.client]],
    );
  });

  it('is not put back over a later edit before the person has seen what would be lost', async () => {
    await shell(sandbox.server, `echo '# by hand' >>${CONF}`);
    const before = page.url();
    await page.getByRole('button', { name: 'Put back what this run changed' }).click();
    await page.getByText(`${CONF} was changed by someone else after the run`).waitFor(PATIENCE);
    assert.match(await page.getByLabel('What would be lost').innerText(), /^\+# by hand$/m);
    assert.ok((await page.locator('.diff .added').allTextContents()).includes('+# by hand\n'));
    root.complaints.splice(0, Infinity, ...root.complaints.filter((each) => !/409/.test(each)));
    await looksGood('conflict');
    await page.getByRole('link', { name: 'Back to the run' }).click();
    await page.waitForURL(before);
    await page.getByRole('button', { name: 'Put back what this run changed' }).click();
    await press(page, 'Put it back all the same');
    root.complaints.splice(0, Infinity, ...root.complaints.filter((each) => !/409/.test(each)));
    await page.getByText('Everything is as it was before.').first().waitFor(PATIENCE);
    assert.match(await page.locator('#log').innerText(), /# These later edits are lost:[^]*\+# by hand/);
    assert.equal(await changed(), first);
  });

  it('tells a visitor who would not get in any more why, counts down, and can be put back now', async () => {
    await sandbox.server.run(['nft', '-f', '-'], { stdin: SHUT_OUT });
    const run = await apply();
    await page.locator('#confirming', { hasText: WOULD_NOT }).waitFor(PATIENCE);
    const left = page.locator('#left');
    const told = await secondsOf(left.innerText());
    assert.ok(told > 60 && told <= 120, String(told));
    while ((await secondsOf(left.innerText())) >= told) await page.waitForTimeout(100);
    await looksGood('unconfirmed');
    await page.reload();
    await page.locator('#confirming', { hasText: WOULD_NOT }).waitFor(PATIENCE);
    assert.ok((await secondsOf(left.innerText())) < told);
    await page.getByRole('button', { name: 'Keep what this run changed' }).waitFor();

    const finding = await findingOf(sandbox.server, 'run-unconfirmed');
    assert.match(
      finding?.fact ?? '',
      new RegExp(`^Run ${run} waits since .* UTC; it is put back in \\d+ seconds\\.$`),
    );
    const check = await shell(sandbox.server, '/usr/local/bin/ftp-passive check || echo "code $?"');
    assert.match(check, /^FTP-PASSIVE WARNING: A run is not confirmed yet\. [^]*code 1\n$/);
    await page.getByRole('link', { name: 'Status' }).click();
    await page.getByText('A run is not confirmed yet').waitFor(PATIENCE);
    await looksGood('status-unconfirmed');
    await page.getByRole('link', { name: 'To the run' }).click();
    await page.getByRole('button', { name: 'Put it back now' }).waitFor(PATIENCE);
    assert.equal(page.url(), address(`runs/${run}`));
  });

  it('has buttons for both without scripts', async () => {
    const url = `https://${ADDRESS.public}:2087`;
    assert.ok(browser);
    const plain = await visit(browser, { ...sandbox, url }, 'root', { javaScriptEnabled: false });
    await plain.page.getByRole('link', { name: 'FTP Passive Mode' }).click();
    await plain.page.getByRole('link', { name: 'To the run' }).click();
    await plain.page.getByText(/this run is put back in [\dmins ]+\./).waitFor(PATIENCE);
    await plain.page.getByRole('button', { name: 'Keep what this run changed' }).click();
    await plain.page.getByText(WOULD_NOT).waitFor(PATIENCE);
    await plain.page.getByRole('button', { name: 'Put it back now' }).waitFor();
    await plain.page.context().close();
    await press(page, 'Put it back now');
    await page.getByText('Everything is as it was before.').first().waitFor(PATIENCE);
    assert.equal(await changed(), first);
    await sandbox.server.run(['nft', 'delete', 'table', 'inet', 'cut']);
  });

  it('ends its step and puts everything back when it is cancelled', async () => {
    await ok(sandbox.server.run(['mkfifo', HOLD]));
    await apply();
    const step = page.locator('.run-steps .state-running', { hasText: 'Let cPanel write' });
    await step
      .locator('.at-work', {
        hasText: /^For \d+ s; without output for 1\d s; it is ended after 15 min 0 s\.$/,
      })
      .waitFor(PATIENCE);
    await looksGood('at-work');
    await page.getByRole('button', { name: 'Cancel: finish the step at work' }).click();
    await page.getByText('The step at work comes to its end').waitFor(PATIENCE);
    await looksGood('cancelled-waits');
    await step.waitFor();
    await letGo();
    await page.locator('#run[data-state=undone]').waitFor(PATIENCE);
    await showsCancelled('cancelled');
  });

  it('ends the command first when it is cancelled twice', async () => {
    await ok(sandbox.server.run(['mkfifo', HOLD]));
    await apply();
    await page.locator('.run-steps .state-running', { hasText: 'Let cPanel write' }).waitFor(PATIENCE);
    await page.getByRole('button', { name: 'Cancel: finish the step at work' }).click();
    await page.getByRole('button', { name: 'End that step now' }).click(PATIENCE);
    await page.locator('#run[data-state=undone]').waitFor(PATIENCE);
    assert.match(
      await page.locator('#log').innerText(),
      /setupftpserver is not wanted any more; it is ended with/,
    );
    await showsCancelled('ended');
  });

  async function showsCancelled(name: string): Promise<void> {
    await page.locator('.notice', { hasText: 'cancelled, and everything was put back' }).waitFor();
    const words = await page.locator('.run-steps .badge').allTextContents();
    assert.deepEqual(
      words.filter((each) => !['put back', 'done', 'cancelled', 'not run'].includes(each)),
      [],
    );
    assert.ok(words.includes('put back'));
    await looksGood(name);
    assert.equal(await changed(), first);
  }

  it('gave the browser nothing to complain of', () => {
    // The port of the live output is not open in this firewall: the output comes through WHM.
    const left = root.complaints.filter(
      (each) => !/^WebSocket connection to 'wss:|net::ERR_ABORTED$/.test(each),
    );
    assert.deepEqual(left, []);
  });
});

/** `in 1 min 30 s` as a number. */
async function secondsOf(words: Promise<string>): Promise<number> {
  const [, minutes = '0', seconds = ''] = /^in (?:(\d+) min )?(\d+) s$/.exec(await words) ?? [];
  return 60 * Number(minutes) + Number(seconds);
}

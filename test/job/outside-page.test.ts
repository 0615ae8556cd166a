import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../browser/chromium.ts';
import { axe } from '../browser/world.ts';
import { ADDRESS } from '../sandbox/lab.ts';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { PATIENCE } from './run-page.ts';
import { cli, shell } from './scene.ts';
import { visit, type Visitor } from './visitor.ts';

/** What a browser says of a try: that it arrives is all that is wanted of it. */
const TRY = /net::ERR_|^GET https?:|^GET : /;
/** It takes as long as a try that is dropped. */
const RESULT = { timeout: 20_000 };

async function rows(page: Page): Promise<string[][]> {
  const all = await page.locator('#outside tbody tr').allInnerTexts();
  return all.map((row) => row.split('\t').map((cell) => cell.trim()));
}

describe('the proof from outside in the browser', function () {
  this.timeout(60_000);
  this.bail(true);
  const scratch = mkdtempSync(join(tmpdir(), 'ftp-passive-outside-'));
  let sandbox: Sandbox;
  let browser: Browser;
  let root: Visitor;

  before(async () => {
    sandbox = await startSandbox({ layout: 'inet-input', persist: 'debian', install: true });
    const applied = await cli(sandbox.server, 'apply', '--yes');
    assert.equal(applied.code, 0, applied.stderr);
    const program = join(scratch, 'chromium-outside');
    const net = `--net=/proc/${sandbox.client.pid}/ns/net`;
    writeFileSync(program, `#!/bin/sh\nexec nsenter ${net} -- /usr/bin/chromium "$@"\n`);
    chmodSync(program, 0o755);
    browser = await launchChromium(undefined, program);
    root = await visit(browser, sandbox, 'root', {}, `https://${ADDRESS.public}:2087`);
    await root.page.getByRole('link', { name: 'FTP Passive Mode' }).click();
  });
  after(async () => {
    await browser.close();
    await sandbox.stop();
    rmSync(scratch, { recursive: true });
  });

  it('proves an open range from where the browser is', async () => {
    const { page } = root;
    await page.getByRole('link', { name: 'From outside', exact: true }).click();
    assert.deepEqual(await axe(page), []);
    await page.getByRole('button', { name: 'Try it from this browser' }).click();
    await page.locator('.notice', { hasText: 'Proven' }).waitFor(RESULT);
    const met = await rows(page);
    assert.equal(met.length, 10);
    for (const [, at, result, fact] of met)
      assert.deepEqual([at, result, fact], [ADDRESS.public, 'Arrived', `From ${ADDRESS.client}.`]);
    assert.deepEqual(await axe(page), []);
  });

  it('names the ports that a wall before the server blocks, and the command that opens them', async () => {
    const { page } = root;
    await shell(
      sandbox.router,
      `nft 'add table inet wall; add chain inet wall forward { type filter hook forward priority -10; }; add rule inet wall forward iifname wan tcp dport 49152-54000 drop'`,
    );
    await page.getByRole('link', { name: 'Try again' }).click();
    await page.getByRole('button', { name: 'Try it from this browser' }).click();
    await page.locator('#outside-said', { hasText: 'connections have arrived' }).waitFor(PATIENCE);
    assert.deepEqual(await axe(page), []);
    await page.locator('.notice', { hasText: 'Partly blocked' }).waitFor(RESULT);
    for (const [port, , result] of await rows(page))
      assert.equal(result, Number(port) <= 54_000 ? 'Blocked outside' : 'Arrived', port);
    const commands = await page.locator('#outside pre').allInnerTexts();
    assert.ok(commands.some((text) => text.startsWith('hcloud ') && text.includes('--port 49152-65534')));
    assert.deepEqual(await axe(page), []);
  });

  it('gives the command for another machine, and shows what it came to', async () => {
    const { page } = root;
    await shell(sandbox.router, 'nft delete table inet wall');
    await page.getByRole('link', { name: 'Try again' }).click();
    await page.getByRole('button', { name: 'Get the command' }).click();
    const command = await page.getByLabel('bash').innerText();
    assert.deepEqual(await axe(page), []);
    await sandbox.client.run(['bash', '-c', command]);
    await page.locator('.notice', { hasText: 'Proven' }).waitFor(RESULT);
  });

  it('shows the way of a packet through the rules', async () => {
    const { page } = root;
    await page.goto(page.url().replace(/\?r=.*/, '?r=reach'));
    await page.getByLabel('Port, or ports').fill('50000');
    await page.getByLabel('Address of the client').fill(ADDRESS.client);
    await page.keyboard.press('Enter');
    await page.getByText('Connections get through this server’s firewall').waitFor(PATIENCE);
    const way = (await page.locator('tbody tr').allInnerTexts()).map((row) => row.split('\t'));
    const [table, chain, rule, packet] = way.find(([, , text]) => text?.includes('49152-65534')) ?? [];
    assert.deepEqual([table, chain, packet], ['inet filter', 'input', 'goes on']);
    assert.match(rule ?? '', /^tcp dport 49152-65534 accept/);
    await page.getByLabel('Port, or ports').fill('48000');
    await page.keyboard.press('Enter');
    await page.locator('tbody tr', { hasText: 'is stopped here' }).waitFor(PATIENCE);
    assert.match(
      await page.locator('tbody tr').last().innerText(),
      /^inet filter\tinput\tpolicy drop\tis stopped here$/,
    );
    assert.deepEqual(await axe(page), []);
  });

  it('met no complaint of the browser but about its tries', () => {
    assert.deepEqual(
      root.complaints.filter((each) => !TRY.test(each)),
      [],
    );
  });
});

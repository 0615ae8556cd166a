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
/** What it says when a proof is gone that the page still asks for. */
const GONE = /outside\/[\w-]+\/result$|status of 404/;
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
    const command = await page.getByRole('region', { name: 'bash' }).innerText();
    assert.deepEqual(await axe(page), []);
    await sandbox.client.run(['bash', '-c', command]);
    await page.locator('.notice', { hasText: 'Proven' }).waitFor(RESULT);
  });

  it('does not keep the daemon, and says on the page that it is gone with it', async () => {
    const { page } = root;
    const listeners = (): Promise<string> => shell(sandbox.server, 'ss -Hltn');
    const before = await listeners();
    await page.getByRole('link', { name: 'Try again' }).click();
    await page.getByRole('button', { name: 'Get the command' }).click();
    await page.getByRole('region', { name: 'bash' }).waitFor(PATIENCE);
    assert.ok((await listeners()).split('\n').length >= before.split('\n').length + 10);
    const daemon = await shell(sandbox.server, 'pgrep -f "main.js serve$"');
    await shell(
      sandbox.server,
      `kill -TERM ${daemon.trim()}; timeout 5 sh -c 'while kill -0 ${daemon.trim()} 2>/dev/null; do sleep 0.1; done'`,
    );
    assert.equal((await listeners()).split('\n').length, before.split('\n').length);
    await page.locator('#outside-said', { hasText: 'does not know this test any more' }).waitFor(RESULT);
    await page.getByRole('link', { name: 'From outside', exact: true }).click();
    await page.getByText('From another machine, at 203.0.113.10').waitFor(PATIENCE);
    assert.deepEqual(await axe(page), []);
    await page.getByRole('button', { name: 'Try it from this browser' }).click();
    await page.locator('.notice', { hasText: 'Proven' }).waitFor(RESULT);
  });

  it('asks for no try that this server would refuse, and proves nothing by a rule for the own address', async () => {
    const { page } = root;
    const insert = (rule: string): Promise<string> =>
      shell(sandbox.server, `nft insert rule inet filter input ${rule}`);
    const takeOut = (words: string): Promise<string> =>
      shell(
        sandbox.server,
        `nft -a list chain inet filter input | sed -n 's/.*${words} # handle //p' | xargs -r -n1 nft delete rule inet filter input handle`,
      );
    await insert('tcp dport 49152-65534 counter drop');
    await page.getByRole('link', { name: 'Try again' }).click();
    await page.getByRole('button', { name: 'Try it from this browser' }).click();
    await page.locator('.notice', { hasText: 'Nothing was tried' }).waitFor(RESULT);
    assert.ok((await rows(page)).every(([, , result]) => result === 'Blocked here'));
    assert.match(
      await shell(sandbox.server, 'nft list chain inet filter input'),
      /counter packets 0 bytes 0 drop/,
    );
    assert.deepEqual(await axe(page), []);
    await insert(`ip saddr ${ADDRESS.client} accept`);
    await page.getByRole('link', { name: 'Try again' }).click();
    await page.getByRole('button', { name: 'Try it from this browser' }).click();
    await page.locator('.notice', { hasText: 'Not proven' }).waitFor(RESULT);
    await page.getByText('So others are blocked, whatever arrived from there').waitFor(PATIENCE);
    assert.deepEqual(await axe(page), []);
    for (const words of ['drop', `${ADDRESS.client} accept`]) await takeOut(words);
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

  it('met no complaint of the browser but about its tries, and what was gone', () => {
    assert.deepEqual(
      root.complaints.filter((each) => !TRY.test(each) && !GONE.test(each)),
      [],
    );
  });
});

import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { axe } from '../browser/world.ts';
import { launchChromium } from '../browser/chromium.ts';
import { ADDRESS } from '../sandbox/lab.ts';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { probe, transfer } from '../sandbox/transfer.ts';
import { holdInTheMiddle } from './held.ts';
import { recordingOf } from './recording.ts';
import { colourOf, endsWhole, PATIENCE, picture, press, RENDER, showsTheMiddle } from './run-page.ts';
import { visit, type Visitor } from './visitor.ts';

const FOUND = [
  [
    'Clients are told an address that they cannot use',
    'PASV names 10.0.0.5 (private); clients must be told 203.0.113.10.',
  ],
  ...['IPv4', 'IPv6'].map(
    (family) =>
      [
        `The firewall blocks passive connections over ${family}`,
        '49152-65534 rejected by: inet filter INPUT: reject with icmpx admin-prohibited.',
      ] as const,
  ),
] as const;

describe('the page in WHM', function () {
  this.timeout(60_000);
  this.bail(true);
  let browser: Browser;
  let sandbox: Sandbox;
  let root: Visitor;
  let letGo: () => Promise<void>;
  let run: string;

  before(async () => {
    [browser, sandbox] = await Promise.all([launchChromium(), startSandbox({ install: true, nat: true })]);
    letGo = await holdInTheMiddle(sandbox.server);
    root = await visit(browser, sandbox);
  });
  after(async () => {
    await browser.close();
    await sandbox.stop();
  });

  it('is found in the menu and says what is wrong, with the facts', async () => {
    const { page } = root;
    await page.getByRole('link', { name: 'FTP Passive Mode' }).click();
    await page.getByText('Passive FTP does not work as it is').waitFor(PATIENCE);
    const found = (await page.locator('.finding.level-bad').allInnerTexts()).map((text) => text.split('\n'));
    for (const [title, fact] of FOUND) {
      const about = found.find((lines) => lines.includes(title));
      assert.ok(
        about?.some((line) => line.startsWith(fact)),
        `${title}: ${JSON.stringify(found)}`,
      );
    }
    assert.deepEqual(await axe(page), []);
    await picture(page, 'status');
  });

  it('shows steps, differences and the script before anything is done', async () => {
    const { page } = root;
    await page.getByRole('link', { name: 'Set up passive FTP' }).click();
    await page.getByRole('heading', { name: 'The plan', exact: true }).waitFor(PATIENCE);
    assert.ok(
      (await page.locator('.plan-steps h3').allInnerTexts()).some((title) => title.startsWith(RENDER)),
    );
    assert.deepEqual(await page.locator('.diff .added').allTextContents(), [
      '+\t\ttcp dport 49152-65534 accept comment "ftp-passive:managed"\n',
      '+ForcePassiveIP: 203.0.113.10\n',
    ]);
    assert.deepEqual(await page.locator('.diff .removed').allTextContents(), ['-ForcePassiveIP: ~\n']);
    assert.deepEqual(await axe(page), []);
    // The button stays in sight only while the window is shorter than the plan.
    await picture(page, 'plan', false);
    await page.getByText('The same as a shell script').click();
    const script = page.getByLabel('Equivalent shell script');
    assert.match(await script.innerText(), /\/usr\/local\/cpanel\/scripts\/setupftpserver pure-ftpd --force/);
  });

  it('brings the output over the WebSocket while the command runs', async () => {
    const { page } = root;
    run = await press(page, 'Apply this plan');
    await page.locator('#carrier', { hasText: 'Output comes live over WebSocket.' }).waitFor(PATIENCE);
    await showsTheMiddle(page);
    assert.equal(await colourOf(page, 'Chksrvd monitoring is disabled'), 'rgb(86, 211, 100)');
    assert.equal(await colourOf(page, 'Disabling Chksrvd monitoring'), 'rgb(230, 230, 230)');
    assert.equal(root.sockets.length, 1);
    assert.equal(new URL(root.sockets[0]?.url ?? '').port, String(sandbox.livePort));
    assert.deepEqual(await axe(page), []);
  });

  it('misses nothing when it is loaded again in the middle', async () => {
    const { page } = root;
    await page.reload();
    await page.locator('#carrier', { hasText: 'Output comes live over WebSocket.' }).waitFor(PATIENCE);
    await showsTheMiddle(page);
    await picture(page, 'run');
    await letGo();
    const recording = await endsWhole(page, sandbox, run);
    assert.equal(root.sockets.length, 2);
    assert.equal(Buffer.concat(root.sockets[1]?.messages ?? []).toString(), recording);
  });

  it('says that it is proven, and strict clients on the internet agree', async () => {
    const { page } = root;
    await page.locator('#status', { hasText: 'Everything is set up and proven.' }).waitFor();
    const states = new Set(await page.locator('.run-steps .badge').allTextContents());
    assert.deepEqual([...states], ['done']);
    await picture(page, 'done');
    for (const [judge, mode] of [
      ['curl', 'PASV'],
      ['lftp', 'EPSV'],
    ] as const) {
      const { ok, why } = await transfer(sandbox.client, judge, mode);
      assert.ok(ok, `${judge} ${mode}: ${why}`);
    }
  });

  it('keeps the run in the history, with its recording', async () => {
    const { page } = root;
    await page.getByRole('link', { name: 'History' }).click();
    const row = page.locator('tbody tr');
    await row.getByText('Set up passive FTP').waitFor();
    assert.equal(await row.count(), 1);
    assert.match(
      await row.innerText(),
      /UTC\s+Set up passive FTP\s+done\s+root\s+127\.0\.0\.1\s+\d+ s\s+yes/,
    );
    await row.getByRole('link').click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download the recording' }).click(),
    ]);
    let bytes = '';
    for await (const chunk of await download.createReadStream()) bytes += String(chunk);
    assert.equal(bytes, await recordingOf(sandbox.server, run));
  });

  it('puts everything back at the press of a button, and the transfer fails as before', async () => {
    const { page } = root;
    const undo = await press(page, 'Put back what this run changed');
    assert.notEqual(undo, run);
    await endsWhole(page, sandbox, undo);
    await page.getByText('Everything is as it was before.').first().waitFor();
    assert.equal((await probe(sandbox.client)).pasv?.address, ADDRESS.local);
    assert.equal((await transfer(sandbox.client, 'curl', 'EPSV')).ok, false);
    await page.getByRole('link', { name: 'Status' }).click();
    await page.getByText('Passive FTP does not work as it is').waitFor(PATIENCE);
  });

  it('turns the watch on and off', async () => {
    const { page } = root;
    const enabled = async (): Promise<string> =>
      (await sandbox.server.run(['systemctl', 'is-enabled', 'ftp-passive-watch.timer'])).stdout.trim();
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('button', { name: 'Watch, and only tell' }).click();
    await page.locator('.notice', { hasText: 'Every 15 minutes and after each update' }).waitFor(PATIENCE);
    await page.getByText('there is nothing yet that the watch could keep').waitFor();
    assert.equal(await enabled(), 'enabled');
    assert.deepEqual(await axe(page), []);
    await page.getByRole('button', { name: 'Turn the watch off' }).click();
    await page.getByText('Nothing looks after what was set up').waitFor(PATIENCE);
    assert.equal(await enabled(), 'disabled');
  });

  it('gave the browser nothing to complain of', () => assert.deepEqual(root.complaints, []));
});

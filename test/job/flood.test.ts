import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../browser/chromium.ts';
import { writeFiles } from '../sandbox/files.ts';
import { ok } from '../sandbox/machine.ts';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { press } from './run-page.ts';
import { json, shell } from './scene.ts';
import { visit } from './visitor.ts';

const SETUP = '/usr/local/cpanel/scripts/setupftpserver';
/** 100 MB: lines, one line of 10 MB, every byte there is, and escapes that move, clear, and colour each letter. */
const FLOODS = String.raw`#!/usr/bin/perl
use strict;
sub pour {
  my ($text, $megabytes) = @_;
  my $left = $megabytes * 1_000_000;
  while ($left > 0) { print substr($text, 0, $left); $left -= length $text }
}
my $lines = join '', map { "line $_ of a very long list of things that went well\n" } 1 .. 18_000;
my $bomb = join '', map { "\e[3" . ($_ % 8) . "m*\e[9999;9999H\e[2J\e]0;title\a\r" . ($_ % 99 ? '' : "\n") } 1 .. 30_000;
my $colours = join '', map { "\e[3" . ($_ % 8) . "m*" . ($_ % 9999 ? '' : "\n") } 1 .. 99_990;
open my $noise, '<', '/dev/urandom';
read $noise, my $bytes, 1_000_000;
pour($colours, 6); pour($lines, 4); print "x" x 10_000_000, "\n"; pour($bomb, 20); pour($bytes, 30); pour($lines, 30);
print "\e[0m\nthat was all\n";
$| = 1; print '';
exec "$0.real", @ARGV;
`;
const ENDED = `document.querySelector('#run')?.dataset.state === 'done'`;
const LONG = { timeout: 100_000 };
/** What the daemon and the page may grow by. */
const MOST_KB = 30 * 1024;
const MOST_HEAP = 100 * 1024 * 1024;

describe('a command that puts out 100 MB', function () {
  this.timeout(150_000);
  this.bail(true);
  let browser: Browser;
  let sandbox: Sandbox;
  let page: Page;
  let other: Page;
  let complaints: string[];
  let run = '';
  let usual = 0;

  before(async () => {
    [browser, sandbox] = await Promise.all([launchChromium(), startSandbox({ install: true })]);
    ({ page, complaints } = await visit(browser, sandbox));
    other = (await visit(browser, sandbox)).page;
  });
  after(async () => {
    await browser.close();
    await sandbox.stop();
  });

  /** The most memory that the daemon has had, in kB. */
  async function peak(): Promise<number> {
    const text = await shell(sandbox.server, 'cat /proc/$(pgrep -of "main.js serve")/status');
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(text)?.[1]);
  }

  /** Asks the page this again and again until it says yes. */
  async function answersUntil(question: string): Promise<void> {
    const took: number[] = [];
    for (let yes: boolean | null = false; yes !== true;) {
      const asked = performance.now();
      yes = await page.evaluate<boolean>(question).catch(loadedAnew);
      if (yes !== null) took.push(performance.now() - asked);
      await delay(100);
    }
    // Whatever else the machine does may hold an answer up.
    const most = took.sort((a, b) => a - b)[Math.floor(took.length * 0.9)] ?? 0;
    assert.ok(most < 1000, `the page took ${most} ms to answer`);
  }

  async function staysSmall(): Promise<void> {
    const [nodes, characters] = await page.evaluate<[number, number]>(
      '[document.querySelectorAll("#log *").length, document.querySelector("#log").textContent.length]',
    );
    assert.ok(nodes <= 11_500, `${nodes} elements in the log`);
    assert.ok(characters <= 310_000, `${characters} characters in the log`);
    const session = await page.context().newCDPSession(page);
    const { usedSize } = await session.send('Runtime.getHeapUsage');
    assert.ok(usedSize < MOST_HEAP, `a heap of ${usedSize} bytes`);
  }

  it('leaves the page alive while it comes, and the pages of others too', async () => {
    await page.getByRole('link', { name: 'FTP Passive Mode' }).click();
    await page.getByRole('link', { name: 'Set up passive FTP' }).click();
    await press(page, 'Apply this plan');
    await page.locator('#run[data-state=done]').waitFor(LONG);
    await press(page, 'Put back what this run changed');
    await page.locator('#run[data-state=done]').waitFor(LONG);
    await page.getByRole('link', { name: 'Set up', exact: true }).click();
    await page.getByRole('button', { name: 'Apply this plan' }).waitFor(LONG);

    // The same run with few words costs what it costs; here it is about what the output adds.
    usual = await peak();
    await ok(sandbox.server.run(['mv', SETUP, `${SETUP}.real`]));
    await writeFiles(sandbox.server, { [SETUP]: { text: FLOODS, mode: 0o755 } });
    run = await press(page, 'Apply this plan');
    await Promise.all([
      answersUntil(`${ENDED} || document.querySelector('#log').textContent.includes('that was all')`),
      other.getByRole('link', { name: 'FTP Passive Mode' }).click(),
      other.getByRole('heading', { name: 'Passive FTP on this server' }).waitFor(LONG),
    ]);
    await staysSmall();
  });

  it('does not make the run fail', async () => {
    await answersUntil(ENDED);
    const { document } = await json(sandbox.server, 'runs');
    assert.deepEqual(
      document.slice(0, 1).map(({ id, state }) => [id, state]),
      [[run, 'done']],
    );
  });

  it('makes the daemon grow by less than 30 MB', async () => {
    const most = await peak();
    assert.ok(most - usual < MOST_KB, `${most} kB where a run with few words takes ${usual} kB`);
  });

  it('is kept up to 16 MB, and what is left out is said', async () => {
    const file = `/var/lib/whm-ftp-passive/runs/${run}/recording.cast`;
    const size = Number(await shell(sandbox.server, `stat -c %s ${file}`));
    assert.ok(size > 16 * 1024 * 1024 && size < 17 * 1024 * 1024, String(size));
    const marks = await shell(
      sandbox.server,
      `grep -ao '# [^#]* left out here\\|# This recording is full' ${file}`,
    );
    assert.match(marks, /^# This recording is full\n# \d{8,9} bytes of output are left out here\n$/);
  });

  it('is shown in the record as far as a page can hold it', async () => {
    const last = `document.querySelector('#log').lastElementChild?.textContent`;
    await answersUntil(`${last} === 'Everything is set up and proven.'`);
    await staysSmall();
    assert.deepEqual(complaints, []);
  });
});

/** A page that loads itself anew answers nobody for that moment. */
function loadedAnew(error: unknown): null {
  if (error instanceof Error && /context was destroyed|navigation/.test(error.message)) return null;
  throw error;
}

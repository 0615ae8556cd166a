import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../browser/chromium.ts';
import { ok } from '../sandbox/machine.ts';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { talkInTheMiddle, type Talkative } from './held.ts';
import { endsWhole, PATIENCE } from './run-page.ts';
import { isCausedHere, visit } from './visitor.ts';
import { begin, cut, mend, setWays, talks } from './watching.ts';

/** A little longer than the page waits before it tries a better way for the first and the second time. */
const FIRST_RETURN = 31_000;
const SECOND_RETURN = 61_000;

describe('the way of a run’s output', function () {
  this.timeout(150_000);
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

  it('changes under the run, down and up, and the page has every byte once', async () => {
    const { server } = sandbox;
    const { page, complaints } = await visit(browser, sandbox);
    await page.clock.install();
    const run = await begin(page, page.url());
    await talks(page, 'socket');
    await setWays(server, { killAfterSeconds: 3 });
    await cut(sandbox);
    await talks(page, 'stream');
    await setWays(server, { cgi: 'buffered', killAfterSeconds: 3 });
    await talks(page, 'poll');
    await setWays(server, { killAfterSeconds: 3 });
    await page.clock.fastForward(FIRST_RETURN);
    await talks(page, 'stream');
    await mend(sandbox);
    await page.clock.fastForward(SECOND_RETURN);
    await talks(page, 'socket');
    await talkative.letGo();
    await endsWhole(page, sandbox, run);
    assert.deepEqual(
      complaints.filter((text) => !isCausedHere(text)),
      [],
    );
    await page.context().close();
  });

  it('changes from the first to the last and back', async () => {
    const { page } = await visit(browser, sandbox);
    await page.clock.install();
    const run = await begin(page, page.url());
    await talks(page, 'socket');
    await setWays(sandbox.server, { cgi: 'buffered' });
    await cut(sandbox);
    await talks(page, 'poll');
    await mend(sandbox);
    await page.clock.fastForward(FIRST_RETURN);
    await talks(page, 'socket');
    await talkative.letGo();
    await endsWhole(page, sandbox, run);
    await page.context().close();
  });

  it('leaves no ticket, form token or session in what is kept', async () => {
    const { server } = sandbox;
    const { page, sockets } = await visit(browser, sandbox);
    const tickets: string[] = [];
    page.on('response', (response) => {
      if (response.url().endsWith('/ticket'))
        void response.json().then((answer: { ticket: string }) => tickets.push(answer.ticket));
    });
    const home = page.url();
    const run = await begin(page, home);
    await talks(page, 'socket');
    const token = (await page.locator('#run').getAttribute('data-csrf')) ?? '';
    const session = /cpsess\d+/.exec(home)?.[0] ?? '';
    const [cookie] = (await page.context().cookies()).filter(({ name }) => name === 'whostmgrsession');
    await talkative.letGo();
    await endsWhole(page, sandbox, run);
    assert.equal(tickets.length, 1);

    const secrets = [...tickets, token, cookie?.value ?? '', decodeURIComponent(cookie?.value ?? '')];
    assert.ok(secrets.every((secret) => secret.length > 30));
    for (const url of [...sockets.map((socket) => socket.url), page.url().replace(home, '')]) {
      for (const secret of [...secrets, session]) assert.ok(!url.includes(secret), url);
    }
    const kept = ['/var/lib/whm-ftp-passive', '/var/log', '/usr/local/cpanel/logs', '/run'];
    for (const secret of secrets) {
      const found = await server.run(['grep', '-rlaF', '-D', 'skip', '-e', secret, ...kept]);
      assert.equal(found.stdout, '', secret);
    }
    // WHM itself writes whole addresses into its log of accesses.
    const found = await server.run(['grep', '-rlaF', '-D', 'skip', '-e', session, ...kept]);
    assert.deepEqual(found.stdout.trim().split('\n'), ['/usr/local/cpanel/logs/access_log']);
    await page.context().close();
  });

  it('is shut when the person logs out of WHM, and the port with it', async () => {
    const listening = (): Promise<string> =>
      ok(sandbox.server.run(['ss', '-Htan', 'sport', '=', `:${sandbox.livePort}`]));
    const { page } = await visit(browser, sandbox);
    const home = page.url();
    await begin(page, home);
    await talks(page, 'socket');
    assert.match(await listening(), /^LISTEN/m);
    const other = await page.context().newPage();
    await other.goto(`${home}logout/`);
    await page.getByText('WHM does not let this page in any more.').waitFor(PATIENCE);
    const before = await page.locator('#log .line').count();
    for (const deadline = Date.now() + 15_000; /LISTEN|ESTAB/.test(await listening());) {
      assert.ok(Date.now() < deadline, await listening());
    }
    assert.equal(await page.locator('#log .line').count(), before);
    await page.context().close();
  });
});

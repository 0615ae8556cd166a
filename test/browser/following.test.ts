import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { DEFAULT_SETTINGS } from '../../src/core/settings.ts';
import { DONE, RUNNING } from '../http/samples.ts';
import { axe, openWorld, shownOutput, type World } from './world.ts';

const WORDS = {
  socket: 'live over WebSocket',
  stream: 'live through WHM',
  poll: 'asked for every second',
} as const;

describe('a run in a browser', function () {
  this.timeout(60_000);
  let world: World;
  let expected: string[];

  before(async () => (world = await openWorld()));
  after(() => world.close());
  beforeEach(() => {
    world.renew();
    expected = [];
  });

  async function prepare(carrier: keyof typeof WORDS): Promise<void> {
    world.liveReachable = carrier === 'socket';
    if (carrier !== 'socket') await world.live.close();
    world.prefix.carry = carrier === 'poll' ? 'buffered' : 'stream';
  }

  /** Output that is cut in the middle of lines, letters and escapes. */
  async function produce(lines: number, pause: number): Promise<void> {
    for (let i = 0; i < lines; i++) {
      const text = `line ${expected.length} größe 🦆 <b>&amp;</b>`;
      const before = world.recording.bytes().length;
      expected.push(text);
      world.recording.output(`\x1b[3${i % 8}m${text.slice(0, 9)}`);
      world.recording.output(`${text.slice(9)}\x1b[0`);
      world.recording.output('m\r\n');
      assert.ok(world.recording.bytes().length > before);
      if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  async function arrived(page: Page): Promise<void> {
    const last = expected.at(-1) ?? '';
    await page.locator('#log .line', { hasText: last }).waitFor({ timeout: 15_000 });
    assert.equal(await shownOutput(page), expected.join('\n'));
  }

  for (const carrier of ['socket', 'stream', 'poll'] as const) {
    it(`is followed whole to its end: ${WORDS[carrier]}`, async () => {
      await prepare(carrier);
      await produce(20, 0);
      const { page, complaints } = await world.open();
      await page.goto(world.prefix.address(`runs/${RUNNING.id}`));
      await page.locator('#carrier', { hasText: WORDS[carrier] }).waitFor({ timeout: 15_000 });
      await produce(60, 10);
      await arrived(page);

      world.recording.mark('s1 done: Write the range');
      await page.locator('[data-step=s1] .badge', { hasText: /^done$/ }).waitFor();
      await page.locator('#status', { hasText: /^Step 1 done: Write the range$/ }).waitFor();

      await page.reload();
      await produce(30, 5);
      await arrived(page);
      await page.locator('#carrier', { hasText: WORDS[carrier] }).waitFor({ timeout: 15_000 });

      world.desk.run.resolves(DONE);
      world.recording.mark('run done: Passive FTP is proven.');
      world.recording.end();
      await page.locator('#run[data-state=done]').waitFor({ timeout: 10_000 });
      await arrived(page);
      assert.equal(await page.locator('#log .mark').last().textContent(), 'Passive FTP is proven.');
      const known = complaints.filter((text) => !text.includes('WebSocket connection to'));
      assert.deepEqual(known, []);
      await page.context().close();
    });
  }

  it('does not come back in the place of a page that the person is on the way to', async () => {
    const plan = await world.desk.plan(DEFAULT_SETTINGS);
    world.desk.plan.callsFake(() => new Promise((resolve) => setTimeout(resolve, 3000, plan)));
    const { page } = await world.open();
    await page.goto(world.prefix.address(`runs/${RUNNING.id}`));
    await page.getByText(WORDS.socket).waitFor();
    await page.getByRole('link', { name: 'Set up', exact: true }).click({ noWaitAfter: true });
    world.desk.run.resolves(DONE);
    world.recording.mark('run done: Passive FTP is proven.');
    world.recording.end();
    await page.getByRole('button', { name: 'Apply this plan' }).waitFor({ timeout: 10_000 });
    await page.context().close();
  });

  it('goes on over another carrier when one breaks in the middle', async () => {
    const { page } = await world.open();
    await produce(10, 0);
    await page.goto(world.prefix.address(`runs/${RUNNING.id}`));
    await page.locator('#carrier', { hasText: WORDS.socket }).waitFor();
    await produce(10, 0);
    await arrived(page);
    await prepare('poll');
    await produce(10, 20);
    await page.locator('#carrier', { hasText: WORDS.poll }).waitFor({ timeout: 20_000 });
    await produce(10, 20);
    await arrived(page);
    await page.context().close();
  });

  it('is shown whole when it is longer than one answer holds', async () => {
    world.desk.run.resolves(DONE);
    await produce(4000, 0);
    world.recording.mark('run done: Proven.');
    world.recording.end();
    assert.ok(world.recording.bytes().length > 300_000);
    const { page } = await world.open();
    await page.goto(world.prefix.address(`runs/${RUNNING.id}`));
    await arrived(page);
    await page.context().close();
  });

  it('keeps the end of a very long output and says so', async () => {
    for (let i = 0; i < 7000; i++) world.recording.output(`line ${i}\r\n`);
    const { page } = await world.open();
    await page.goto(world.prefix.address(`runs/${RUNNING.id}`));
    await page.locator('#log .line', { hasText: 'line 6999' }).waitFor({ timeout: 20_000 });
    const shown = (await shownOutput(page)).split('\n');
    assert.equal(shown.at(-1), 'line 6999');
    assert.ok(shown.length < 5001 && shown.length > 4990);
    assert.equal(
      await page.locator('#log > div').first().textContent(),
      'Earlier lines are in the recording.',
    );
    await page.context().close();
  });

  it('keeps no more of colours without end than a page can hold', async () => {
    const { page } = await world.open();
    const bomb = '\x1b[31ma\x1b[32mb'.repeat(4000);
    for (let i = 0; i < 20; i++) world.recording.output(`${bomb}\x1b[0m${bomb}\r${bomb}\r\n`);
    await page.goto(world.prefix.address(`runs/${RUNNING.id}`));
    await page.locator('#carrier', { hasText: WORDS.socket }).waitFor();
    world.recording.output('end\r\n');
    await page.locator('#log .line', { hasText: /^end$/ }).waitFor();
    assert.ok((await page.locator('#log span').count()) <= 6020);
    assert.equal(await page.locator('#log .line > :nth-child(1002)').count(), 0);
    await page.context().close();
  });

  it('says how long the step at work takes, how long it is silent, and when it is ended', async () => {
    const began = Date.now() - 42_000;
    world.desk.run.resolves({ ...RUNNING, started: new Date(began).toISOString() });
    world.recording.append('[1,"m","s2 running: Render"]\n[12,"o","a word\\r\\n"]\n');
    const { page, complaints } = await world.open();
    await page.goto(world.prefix.address(`runs/${RUNNING.id}`));
    const told = page.locator('[data-step=s2] .at-work');
    await told
      .filter({ hasText: /^For 4\d s; without output for 3\d s; it is ended after 2 min 0 s\.$/ })
      .waitFor();
    const first = (await told.textContent()) ?? '';
    await told.filter({ hasNotText: first }).waitFor();
    assert.match((await page.locator('#silence').textContent()) ?? '', /^3\d s ago$/);
    assert.equal(await told.getAttribute('aria-live'), 'off');
    assert.deepEqual(await axe(page), []);
    world.recording.append(`[${(Date.now() - began) / 1000},"o","and another\\r\\n"]\n`);
    await told.filter({ hasText: /^For \d+ s; it is ended after 2 min 0 s\.$/ }).waitFor();
    world.recording.mark('s2 done: Render');
    await told.filter({ hasText: /^$/ }).waitFor({ state: 'attached' });
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it('shows hostile output as text and obeys none of it', async () => {
    const { page, complaints } = await world.open();
    await page.goto(world.prefix.address(`runs/${RUNNING.id}`));
    const title = await page.title();
    world.recording.output(
      '\x1b]0;owned\x07\x1b]52;c;ZXZpbA==\x07\x1b]8;;https://evil.example\x07link\x1b]8;;\x07\r\n',
    );
    world.recording.output('\x1b[2J\x1b[1;1H\0<script>document.title="owned"</script>\r\n');
    world.recording.output(`<img src=x onerror=alert(1)>${'y'.repeat(1_000_000)}\r\n`);
    world.recording.mark('s1"] done: <b>x</b>');
    world.recording.mark('s1 running: <b>x</b>');
    world.recording.output('end\r\n');
    await page.locator('#log .line', { hasText: /^end$/ }).waitFor();
    assert.equal(await page.title(), title);
    assert.equal(await page.locator('#log :is(script, img, a, b)').count(), 0);
    const lines = (await shownOutput(page)).split('\n');
    assert.deepEqual(lines.slice(0, 2), ['link', '<script>document.title="owned"</script>']);
    assert.match(
      lines[2] ?? '',
      /^<img src=x onerror=alert\(1\)>y{49972} The rest of this line is in the recording\.$/,
    );
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it('scrolls along until the person scrolls up, and again when asked to', async () => {
    const { page } = await world.open();
    await produce(200, 0);
    await page.goto(world.prefix.address(`runs/${RUNNING.id}`));
    await arrived(page);
    const log = page.locator('#log');
    const follow = page.getByRole('button', { name: 'Follow the output' });
    const fromEnd = (): Promise<number> =>
      log.evaluate((element) => {
        const { scrollHeight, scrollTop, clientHeight } = element as unknown as Record<string, number>;
        return (scrollHeight ?? 0) - (scrollTop ?? 0) - (clientHeight ?? 0);
      });
    assert.ok((await fromEnd()) < 30);
    await log.hover();
    await page.mouse.wheel(0, -800);
    await page.locator('button[aria-pressed=false]', { hasText: 'Follow' }).waitFor();
    await produce(20, 0);
    await arrived(page);
    assert.ok((await fromEnd()) > 500);
    await follow.click();
    assert.ok((await fromEnd()) < 30);
    await page.context().close();
  });

  it('says when WHM has logged the person out', async () => {
    world.liveReachable = false;
    const { page } = await world.open();
    await page.route('**/index.cgi?r=runs/*/**', (route) => route.fulfill({ status: 401, body: 'log in' }));
    await page.goto(world.prefix.address(`runs/${RUNNING.id}`));
    await page.getByText('log in again to see it').waitFor();
    await page.context().close();
  });
});

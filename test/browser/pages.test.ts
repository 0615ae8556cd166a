import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import type { Page, Response } from 'playwright-core';
import { DONE, RUNNING } from '../http/samples.ts';
import { openWorld, type World } from './world.ts';

describe('the pages in a browser', function () {
  this.timeout(60_000);
  let world: World;

  before(async () => (world = await openWorld()));
  after(() => world.close());
  beforeEach(() => world.renew());

  it('draw the path in a line where there is room, and from top to bottom where there is not', async () => {
    const { page } = await world.open({ viewport: { width: 1440, height: 900 } });
    await page.goto(world.prefix.address('status'));
    const [across, down] = [page.locator('svg.across'), page.locator('svg.down')];
    assert.deepEqual([await across.isVisible(), await down.isVisible()], [true, false]);
    await page.setViewportSize({ width: 320, height: 640 });
    assert.deepEqual([await across.isVisible(), await down.isVisible()], [false, true]);
    // Letters of the picture grow and shrink with it.
    const size: number = await page.evaluate(
      `(() => { const svg = document.querySelector('svg.down'); return 13 * svg.clientWidth / svg.viewBox.baseVal.width; })()`,
    );
    assert.ok(size >= 12, `${size} px`);
    await page.context().close();
  });

  it('put both sides of a difference beside each other where there is room, never twice', async () => {
    const { page } = await world.open({ viewport: { width: 1440, height: 900 } });
    await page.goto(world.prefix.address('plan'));
    const [unified, split] = [page.locator('pre.diff'), page.locator('.split')];
    assert.deepEqual([await unified.isVisible(), await split.isVisible()], [false, true]);
    await page.setViewportSize({ width: 768, height: 900 });
    assert.deepEqual([await unified.isVisible(), await split.isVisible()], [true, false]);
    await page.context().close();
  });

  it('lead from the status to the result without scripts', async () => {
    world.desk.run.resolves(DONE);
    const { page, complaints } = await world.open({ javaScriptEnabled: false });
    await page.goto(world.prefix.address('status'));
    await page.getByRole('link', { name: 'Set up passive FTP' }).click();
    await page.getByText('What it interrupts').waitFor();
    await page.getByRole('button', { name: 'Apply this plan' }).click();
    await page.waitForURL(/r=runs\/r-20261122-1$/);
    await page.locator('#status').waitFor();
    assert.equal(world.desk.apply.firstCall.args[0], 'plan-4f1c');
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it('weigh less than 60 kB compressed: page, style and script', async () => {
    const { page } = await world.open();
    for (const route of ['status', 'plan', `runs/${RUNNING.id}`]) {
      const bodies: Promise<Buffer>[] = [];
      const keep = (response: Response): unknown => bodies.push(response.body());
      page.on('response', keep);
      await page.goto(world.prefix.address(route), { waitUntil: 'load' });
      page.off('response', keep);
      const weight = (await Promise.all(bodies)).reduce((sum, body) => sum + gzipSync(body).length, 0);
      assert.ok(bodies.length >= 3, route);
      assert.ok(weight < 60_000, `${route}: ${weight}`);
    }
    await page.context().close();
  });

  it('plan again with the settings that were typed', async () => {
    const { page } = await world.open();
    await page.goto(world.prefix.address('plan'));
    await page.locator('summary').getByText('Settings', { exact: true }).click();
    await page.getByLabel('Port range').fill('50000-50010');
    await page.getByLabel('IPv6').selectOption('0');
    await page.getByRole('button', { name: 'Show the plan' }).click();
    await page.waitForURL(/range=50000-50010/);
    assert.match(await page.locator('summary', { hasText: 'Settings' }).innerText(), /ports 50000-50010/);
    await page.getByRole('button', { name: 'Apply this plan' }).click();
    await page.waitForURL(/r=runs/);
    const [, settings] = world.desk.apply.firstCall.args;
    assert.deepEqual([settings.range, settings.ipv6], [[50000, 50010], false]);
    await page.context().close();
  });

  it('lead from the settings to the plan for what was chosen there', async () => {
    const { page } = await world.open();
    await page.goto(world.prefix.address('settings'));
    await page.getByLabel('Port range').fill('50000-50099');
    await page.getByLabel('Firewall in charge').selectOption('csf');
    await page.getByRole('button', { name: 'Show the plan' }).click();
    await page.waitForURL(/r=plan&range=50000-50099/);
    assert.equal(world.desk.plan.firstCall.args[0].firewall, 'csf');
    assert.match(await page.locator('#range-help').textContent().then(String), /enough for 50 clients/);
    await page.context().close();
  });

  it('put a run back at the press of a button', async () => {
    world.desk.run.resolves(DONE);
    const { page } = await world.open();
    await page.goto(world.prefix.address(`runs/${DONE.id}`));
    await page.getByRole('button', { name: 'Put back what this run changed' }).click();
    await page.waitForURL(/r=runs\/r-20261122-9$/);
    assert.equal(world.desk.undo.firstCall.args[0], DONE.id);
    await page.context().close();
  });

  it('show a run without scripts by loading themselves again', async () => {
    const { page } = await world.open({ javaScriptEnabled: false });
    world.recording.output('first line\r\n');
    await page.goto(world.prefix.address(`runs/${RUNNING.id}`));
    assert.match(await logText(page), /first line/);
    world.recording.output('second line\r\n');
    await page.getByText('second line').waitFor({ timeout: 8000 });
    await page.context().close();
  });

  const logText = (page: Page): Promise<string> => page.locator('#log').innerText();
});

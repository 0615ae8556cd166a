import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import type { Page, Response } from 'playwright-core';
import type { RunRecord } from '../../src/runs/record.ts';
import { DONE, EMPTY_PLAN, FAILED, GOOD_STATUS, RUNNING } from '../http/samples.ts';
import { axe, openWorld, type World } from './world.ts';

describe('the pages in a browser', function () {
  this.timeout(60_000);
  let world: World;

  before(async () => (world = await openWorld()));
  after(() => world.close());
  beforeEach(() => world.renew());

  /** Every page in each of its states; a route and what the desk says for it. */
  const states: Readonly<Record<string, { route: string; set: () => unknown }>> = {
    'status, wrong': { route: 'status', set: () => world.desk.runs.resolves([RUNNING]) },
    'status, right': { route: 'status', set: () => world.desk.status.resolves(GOOD_STATUS) },
    plan: { route: 'plan', set: () => undefined },
    'plan, changed': { route: 'plan&changed=1', set: () => undefined },
    'plan, wrong setting': { route: 'plan&range=1-2', set: () => undefined },
    'plan, nothing to do': { route: 'plan', set: () => world.desk.plan.resolves(EMPTY_PLAN) },
    'run, running': { route: `runs/${RUNNING.id}`, set: () => fill(RUNNING) },
    'run, done': { route: `runs/${RUNNING.id}`, set: () => fill(DONE) },
    'run, failed': { route: `runs/${RUNNING.id}`, set: () => fill(FAILED) },
    settings: { route: 'settings', set: () => undefined },
    'settings, watch half on': {
      route: 'settings',
      set: () => world.desk.watch.resolves({ mode: 'repair', timer: false, hook: true }),
    },
    help: { route: 'help', set: () => undefined },
    history: { route: 'runs', set: () => world.desk.runs.resolves([RUNNING, FAILED, DONE]) },
    'history, empty': { route: 'runs', set: () => world.desk.runs.resolves([]) },
    'live port, closed': { route: 'live-port', set: () => undefined },
    'live port, open': { route: 'live-port', set: () => world.desk.runs.resolves([opened(DONE)]) },
    'live port, open beside a set-up': {
      route: 'live-port&changed=1',
      set: () => world.desk.runs.resolves([opened(DONE), DONE]),
    },
    error: { route: 'nothing', set: () => undefined },
  };

  /** A run that has let in the port of live output. */
  function opened(record: RunRecord): RunRecord {
    const range = String(world.live.port);
    return { ...record, id: RUNNING.id, settings: { ...record.settings, range, only: 'live' } };
  }

  /** Output in every colour, on every ground. */
  function fill(record: RunRecord): void {
    const { recording } = world;
    world.desk.run.resolves(record);
    recording.mark('s1 done: Write');
    recording.mark('s2 running: Render');
    for (const code of [
      0,
      1,
      2,
      3,
      4,
      ...[30, 40, 90, 100].flatMap((first) => [...Array(8).keys()].map((i) => first + i)),
    ]) {
      recording.output(`\x1b[${code}mcolour ${code}\x1b[0m plain \x1b[31;${code}mred ${code}\x1b[0m\r\n`);
    }
  }

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [name, { route, set }] of Object.entries(states)) {
      it(`have nothing that axe or the browser complains of: ${name}, ${colorScheme}`, async () => {
        set();
        const { page, complaints } = await world.open({ colorScheme });
        await page.goto(world.prefix.address(route));
        if (name === 'run, running') await page.getByText('live over WebSocket').waitFor();
        await unfold(page);
        assert.deepEqual(await axe(page), []);
        const expected = complaints.filter((text) => !/status of 40[04]/.test(text));
        assert.deepEqual(expected, []);
        await page.context().close();
      });
    }
  }

  it('fit screens of 320, 768 and 1440 pixels, with all that can be unfolded', async () => {
    const { page } = await world.open();
    for (const { route, set } of Object.values(states)) {
      world.renew();
      set();
      await page.goto(world.prefix.address(route));
      await unfold(page);
      for (const width of [320, 768, 1440]) {
        await page.setViewportSize({ width, height: 640 });
        assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width, route);
      }
    }
    await page.context().close();
  });

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

  it('lead with the keyboard alone from the status to a run', async () => {
    const { page, complaints } = await world.open();
    const focused = (): Promise<string> => page.evaluate('document.activeElement.textContent');
    const tabTo = async (label: string): Promise<void> => {
      for (let presses = 0; presses < 60; presses++) {
        await page.keyboard.press('Tab');
        if ((await focused()).trim() === label) return;
      }
      assert.fail(`${label} is not reached by Tab`);
    };
    await page.goto(world.prefix.address('status'));
    await page.keyboard.press('Tab');
    assert.equal(await focused(), 'Skip to the content');
    await tabTo('Set up passive FTP');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'The plan', exact: true }).waitFor();
    await tabTo('The same as a shell script');
    await page.keyboard.press('Enter');
    await page.getByText('set -eu').waitFor();
    await page.keyboard.press('Shift+Tab');
    assert.equal(await focused(), 'Apply this plan');
    await page.keyboard.press('Enter');
    await page.waitForURL(/r=runs\/r-20261122-1$/);
    await tabTo('Follow the output');
    assert.deepEqual(complaints, []);
    assert.equal(world.desk.apply.firstCall.args[0], 'plan-4f1c');
    assert.deepEqual(world.prefix.asked.slice(0, 4), [
      'GET status',
      'GET plan',
      'POST apply',
      `GET runs/${RUNNING.id}`,
    ]);
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

  const unfold = (page: Page): Promise<void> =>
    page.evaluate(`for (const each of document.querySelectorAll('details')) each.open = true`);
  const logText = (page: Page): Promise<string> => page.locator('#log').innerText();
});

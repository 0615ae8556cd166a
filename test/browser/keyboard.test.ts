import assert from 'node:assert/strict';
import type { Frame, Page } from 'playwright-core';
import { DONE, LEADING_STATUS, PLAN, RUNNING } from '../http/samples.ts';
import { stopOf, tabTo, walk } from './keyboard.ts';
import { openWorld, type World } from './world.ts';

const IN_A_FRAME =
  '<!DOCTYPE html><title>WHM</title><iframe name="plugin" width="1100" height="700"></iframe>';

describe('the keyboard alone', function () {
  this.timeout(60_000);
  let world: World;

  before(async () => (world = await openWorld()));
  after(() => world.close());
  beforeEach(() => world.renew());

  /** From the status to the proof, by Tab and Enter. */
  async function doAll(page: Page, view: Page | Frame): Promise<void> {
    const to = (label: string): Promise<void> => tabTo(page, label, view);
    await to('Skip to the content');
    await to('Set up passive FTP');
    await page.keyboard.press('Enter');
    await view.getByRole('heading', { name: 'The plan', exact: true }).waitFor();
    await to('The same as a shell script');
    await page.keyboard.press('Enter');
    await view.getByText('set -eu').waitFor();
    await page.keyboard.press('Shift+Tab');
    assert.equal((await stopOf(view)).text, 'Apply this plan');
    await page.keyboard.press('Enter');
    await view.waitForURL(/r=runs\/r-20261122-1$/);
    await to('Follow the output');
    world.recording.mark('s1 running: Write');
    world.recording.output('written\r\n');
    await view.locator('#log .line', { hasText: 'written' }).waitFor();

    world.desk.run.resolves(DONE);
    world.recording.mark('run done: Passive FTP is proven.');
    world.recording.end();
    await view.locator('#run[data-state=done]').waitFor({ timeout: 10_000 });
    await view.locator('#status', { hasText: 'Everything is set up and proven.' }).waitFor();
    await to('Verify');
    await page.keyboard.press('Enter');
    await view.getByRole('heading', { name: 'Verify', exact: true }).waitFor();
    await to('Verify now');
    await page.keyboard.press('Enter');
    await view.getByRole('button', { name: 'Verify again' }).waitFor();
    assert.equal(world.desk.apply.firstCall.args[0], 'plan-4f1c');
    const pages = world.prefix.asked.filter((each) => !each.includes(`${RUNNING.id}/`));
    assert.deepEqual(pages, [
      'GET status',
      'GET plan',
      'POST apply',
      `GET runs/${RUNNING.id}`,
      ...pages.slice(4, -2).map(() => `GET runs/${RUNNING.id}`),
      'GET verify',
      'POST verify',
    ]);
  }

  it('goes from the status over the plan and the run to the proof', async () => {
    const { page, complaints } = await world.open();
    await page.goto(world.prefix.address('status'));
    await doAll(page, page);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it('does the same where WHM shows the plugin in a frame', async () => {
    const { page, complaints } = await world.open();
    const home = world.prefix.address('status').replace(/index\.cgi.*$/, 'home');
    await page.route(home, (route) => route.fulfill({ contentType: 'text/html', body: IN_A_FRAME }));
    await page.goto(home);
    const frame = page.frame('plugin');
    assert.ok(frame);
    await frame.goto(world.prefix.address('status'));
    await doAll(page, frame);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  for (const route of [
    'status',
    'plan',
    `runs/${RUNNING.id}`,
    'settings',
    'outside',
    'reach',
    'diagnose',
    'help',
  ]) {
    it(`reaches all of the page in its order, and sees where it is: ${route}`, async () => {
      world.desk.status.resolves(LEADING_STATUS);
      // Long enough to pass behind the button that stays in sight.
      const steps = Array.from({ length: 5 }, () => PLAN.steps).flat();
      world.desk.plan.resolves({ ...PLAN, steps });
      const { page } = await world.open({ viewport: { width: 1000, height: 500 } });
      await page.goto(world.prefix.address(route));
      await walk(page);
      await page.context().close();
    });
  }
});

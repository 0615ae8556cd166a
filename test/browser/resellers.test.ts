import assert from 'node:assert/strict';
import type { RunRecord } from '../../src/runs/record.ts';
import { DONE, EMPTY_PLAN, RUNNING } from '../http/samples.ts';
import { axe, openWorld, type World } from './world.ts';

const THEIRS = { user: 'rita', address: '198.51.100.20', via: 'whm' } as const;

describe('the pages of resellers in a browser', function () {
  this.timeout(60_000);
  let world: World;

  before(async () => (world = await openWorld()));
  after(() => world.close());
  beforeEach(() => world.renew());

  const own = (record: RunRecord): RunRecord => ({ ...record, who: THEIRS });

  const states: Readonly<Record<string, { user: string; route: string; set?: () => unknown }>> = {
    settings: { user: 'root', route: 'settings' },
    'status, may look': { user: 'sam', route: 'status' },
    'status, may set up': {
      user: 'rita',
      route: 'status',
      set: () => world.desk.runs.resolves([own(RUNNING)]),
    },
    setup: {
      user: 'rita',
      route: 'setup&changed=1',
      set: () => world.desk.runs.resolves([own(DONE), RUNNING]),
    },
    'setup, nothing to do': { user: 'rita', route: 'setup', set: () => world.desk.plan.resolves(EMPTY_PLAN) },
    'own run': { user: 'rita', route: `runs/${DONE.id}`, set: () => world.desk.run.resolves(own(DONE)) },
    help: { user: 'sam', route: 'help' },
    refused: { user: 'sam', route: 'plan' },
  };

  for (const [name, { user, route, set }] of Object.entries(states)) {
    it(`have nothing that axe or the browser complains of, and fit a small screen: ${name}`, async () => {
      for (const [colorScheme, width] of [
        ['light', 1280],
        ['dark', 320],
      ] as const) {
        set?.();
        world.prefix.user = user;
        const { page, complaints } = await world.open({ colorScheme, viewport: { width, height: 900 } });
        await page.goto(world.prefix.address(route));
        assert.deepEqual(await axe(page), []);
        assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width);
        const expected = complaints.filter((text) => name !== 'refused' || !/status of 403/.test(text));
        assert.deepEqual(expected, []);
        await page.context().close();
      }
    });
  }

  it('lead a reseller by one button from the status to their run, with nothing to choose', async () => {
    world.prefix.user = 'rita';
    world.desk.run.resolves(own(RUNNING));
    const { page, complaints } = await world.open();
    await page.goto(world.prefix.address('status'));
    await page.getByRole('link', { name: 'Set up passive FTP' }).click();
    await page.getByRole('heading', { name: 'The plan', exact: true }).waitFor();
    assert.equal(await page.locator('input:not([type=hidden]), select, textarea').count(), 0);
    await page.getByRole('button', { name: 'Set up passive FTP now' }).click();
    await page.waitForURL(/r=runs\/r-20261122-1$/);
    await page.getByText('live over WebSocket').waitFor();
    assert.equal(await page.getByRole('button', { name: /Cancel|Put back/ }).count(), 0);
    assert.deepEqual(complaints, []);
    assert.deepEqual(world.desk.apply.firstCall.args[2], THEIRS);
    await page.context().close();
  });

  it('let root grant and take back by a button each', async () => {
    const { page } = await world.open();
    await page.goto(world.prefix.address('settings'));
    await page.getByRole('button', { name: 'Let sam set up passive FTP' }).click();
    await page.getByRole('button', { name: 'Take the grant from sam back' }).click();
    await page.getByRole('button', { name: 'Let sam set up passive FTP' }).waitFor();
    await page.context().close();
  });
});

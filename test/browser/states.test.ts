import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { Opened } from './chromium.ts';
import { statesOf } from './states.ts';
import { axe, openWorld, type World } from './world.ts';

/** Answers that say no are errors to the browser, and the tries of a proof lead nowhere here. */
const EXPECTED = /status of 4\d\d|net::ERR_(?:FAILED|ABORTED)/;

describe('every page in every state', function () {
  this.timeout(60_000);
  let world: World;
  let opened: Opened;

  before(async () => {
    world = await openWorld();
    opened = await world.open();
    await opened.page.route(/^https:\/\/(?!localhost:)/, (route) => route.abort());
  });
  after(() => world.close());
  beforeEach(async () => {
    // A page that follows something loads itself again when that changes, just when the next one is asked for.
    await opened.page.goto('about:blank');
    world.renew();
    opened.complaints.length = 0;
    await opened.page.emulateMedia({ colorScheme: 'light' });
    await opened.page.setViewportSize({ width: 1440, height: 900 });
  });

  const unfold = (page: Page): Promise<void> =>
    page.evaluate(`for (const each of document.querySelectorAll('details')) each.open = true`);

  // The names are known before there is a world.
  for (const name of Object.keys(statesOf({} as World))) {
    it(`has nothing that axe or the browser complains of, in both schemes, and fits small screens: ${name}`, async () => {
      const { page, complaints } = opened;
      const state = statesOf(world)[name];
      assert.ok(state);
      state.set?.();
      await page.goto(world.prefix.address(state.route));
      await state.press?.(page);
      await unfold(page);
      assert.deepEqual(await axe(page), []);
      await page.emulateMedia({ colorScheme: 'dark' });
      assert.deepEqual(await axe(page), [], 'dark');
      for (const width of [1440, 768, 320]) {
        await page.setViewportSize({ width, height: 640 });
        assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width);
      }
      assert.deepEqual(await axe(page), [], 'small');
      assert.deepEqual(
        complaints.filter((text) => !EXPECTED.test(text)),
        [],
      );
    });
  }
});

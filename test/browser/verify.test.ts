import assert from 'node:assert/strict';
import { axe, openWorld, type World } from './world.ts';

describe('the verify page in a browser', function () {
  this.timeout(60_000);
  let world: World;

  before(async () => (world = await openWorld()));
  after(() => world.close());
  beforeEach(() => world.renew());

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`has nothing that axe or the browser complains of, form and answer, ${colorScheme}`, async () => {
      const { page, complaints } = await world.open({ colorScheme });
      await page.goto(world.prefix.address('verify'));
      assert.deepEqual(await axe(page), []);
      await page.getByRole('button', { name: 'Verify now' }).click();
      await page.getByRole('heading', { name: 'Address 10.0.0.6' }).waitFor();
      assert.deepEqual(await axe(page), []);
      assert.deepEqual(complaints, []);
      await page.context().close();
    });
  }

  it('works without scripts, by the keyboard, on a screen of 320 pixels, and keeps no password', async () => {
    const { page } = await world.open({ javaScriptEnabled: false, viewport: { width: 320, height: 640 } });
    await page.goto(world.prefix.address('verify'));
    await page.getByLabel('FTP user').fill('alice');
    await page.keyboard.press('Tab');
    await page.keyboard.type('hers');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Main address' }).waitFor();
    assert.deepEqual(world.desk.verify.args.at(-1), [{ user: 'alice', password: 'hers' }]);
    assert.equal(await page.getByLabel('Password of that user').inputValue(), '');
    const bounds = await page.locator('main').boundingBox();
    assert.ok((bounds?.width ?? 999) <= 320);
    assert.deepEqual(world.prefix.asked.slice(0, 2), ['GET verify', 'POST verify']);
    await page.context().close();
  });
});

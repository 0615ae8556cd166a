import assert from 'node:assert/strict';
import { logOf } from '../diagnosis/cases.ts';
import { axe, openWorld, type World } from './world.ts';

describe('the diagnosis page in a browser', function () {
  this.timeout(60_000);
  let world: World;

  before(async () => (world = await openWorld()));
  after(() => world.close());
  beforeEach(() => world.renew());

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`has nothing that axe or the browser complains of, form and answer, ${colorScheme}`, async () => {
      const { page, complaints } = await world.open({ colorScheme });
      await page.goto(world.prefix.address('diagnose'));
      assert.deepEqual(await axe(page), []);
      await page.getByLabel('Log of an FTP client').fill(logOf('curl-pasv-drop'));
      await page.getByRole('button', { name: 'Find the cause' }).click();
      await page.getByRole('heading', { name: 'What the log shows' }).waitFor();
      assert.deepEqual(await axe(page), []);
      assert.deepEqual(complaints, []);
      await page.context().close();
    });
  }

  it('works without scripts, by the keyboard, on a screen of 320 pixels', async () => {
    const { page } = await world.open({ javaScriptEnabled: false, viewport: { width: 320, height: 640 } });
    await page.goto(world.prefix.address('diagnose'));
    await page.getByLabel('Log of an FTP client').fill(logOf('ftplib-421-forced'));
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('Pure-FTPd ends every session because').waitFor();
    const bounds = await page.locator('main').boundingBox();
    assert.ok((bounds?.width ?? 999) <= 320);
    assert.deepEqual(world.prefix.asked.slice(0, 2), ['GET diagnose', 'POST diagnose']);
    await page.context().close();
  });
});

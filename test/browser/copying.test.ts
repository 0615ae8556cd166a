import assert from 'node:assert/strict';
import { WAITING } from '../http/fake-outside.ts';
import { LEADING_STATUS } from '../http/samples.ts';
import { PROOF } from '../outside/samples.ts';
import { openWorld, type World } from './world.ts';

describe('what a page shows to be copied', function () {
  this.timeout(60_000);
  let world: World;

  before(async () => (world = await openWorld()));
  after(() => world.close());
  beforeEach(() => {
    world.renew();
    world.desk.status.resolves(LEADING_STATUS);
    world.outside.look.resolves({ ...WAITING, proof: { ...PROOF, by: 'command' } });
  });

  it('is on the clipboard at the press of a button: script, one-liner and command of a finding', async () => {
    const { page, complaints } = await world.open({ permissions: ['clipboard-read', 'clipboard-write'] });
    for (const [route, label, text] of [
      ['plan', 'Copy the shell script', /^#!\/bin\/sh\nset -eu\n$/],
      [`outside/${PROOF.id}`, 'Copy the command for bash', /203\.0\.113\.10/],
      ['status', 'Copy ftp-passive ensure', /^ftp-passive ensure$/],
    ] as const) {
      await page.goto(world.prefix.address(route));
      await page.evaluate(`for (const each of document.querySelectorAll('details')) each.open = true`);
      await page.getByRole('button', { name: label }).click();
      await page.getByRole('status').getByText('Copied.').waitFor();
      assert.match(await page.evaluate<string>('navigator.clipboard.readText()'), text);
    }
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it('is selected in a frame in which the browser refuses, and the page says how to go on', async () => {
    const { page } = await world.open();
    const home = world.prefix.address('status').replace(/index\.cgi.*$/, 'home');
    const body =
      '<!DOCTYPE html><title>WHM</title><iframe name="plugin" allow="clipboard-write \'none\'"></iframe>';
    await page.route(home, (route) => route.fulfill({ contentType: 'text/html', body }));
    await page.goto(home);
    const frame = page.frame('plugin');
    assert.ok(frame);
    await frame.goto(world.prefix.address('status'));
    const button = frame.getByRole('button', { name: 'Copy ftp-passive ensure' });
    await button.click();
    await frame.getByRole('status').getByText('The text is selected now: press Ctrl+C').waitFor();
    assert.equal(await frame.evaluate('getSelection().toString()'), 'ftp-passive ensure');
    await page.context().close();
  });

  it('has no button where there are no scripts', async () => {
    const { page } = await world.open({ javaScriptEnabled: false });
    await page.goto(world.prefix.address('status'));
    assert.equal(await page.getByText('ftp-passive ensure', { exact: true }).count(), 1);
    assert.equal(await page.getByRole('button').count(), 0);
    await page.context().close();
  });

  it('stays selected on the page of a proof without scripts, which does not load itself again', async () => {
    const { page } = await world.open({ javaScriptEnabled: false });
    await page.goto(world.prefix.address(`outside/${PROOF.id}`));
    assert.equal(await page.locator('meta[http-equiv=refresh]').count(), 0);
    await page.getByRole('link', { name: 'Look again' }).click();
    assert.deepEqual(world.prefix.asked, [`GET outside/${PROOF.id}`, `GET outside/${PROOF.id}`]);
    await page.context().close();
  });
});

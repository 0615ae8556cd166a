import assert from 'node:assert/strict';
import { createFakeDesk, type FakeDesk } from './fake-desk.ts';
import { openHouse, type House } from './house.ts';
import { Problem } from '../../src/core/problem.ts';
import { DEFAULT_SETTINGS, livePortSettings, withoutLivePort } from '../../src/core/settings.ts';
import { DONE, PLAN, RUNNING } from './samples.ts';

const PORT = 20_871;
const OPENED = { ...DONE, id: 'r-live', settings: { range: String(PORT), only: 'live', keep: ['1-65535'] } };

describe('the page of the live port', () => {
  let desk: FakeDesk;
  let house: House;

  beforeEach(async () => {
    desk = createFakeDesk();
    desk.runs.resolves([]);
    house = await openHouse(desk);
  });
  afterEach(() => house.close());

  const page = async (): Promise<string> => (await house.get('/live-port')).text;
  const press = (form: Readonly<Record<string, string>>): ReturnType<House['post']> =>
    house.post('/live-port', { csrf: house.csrf(), ...form });

  it('shows the plan that opens this port and nothing else, and does exactly that', async () => {
    assert.match(await page(), />Open port 20871<\/button>/);
    const wanted = livePortSettings(DEFAULT_SETTINGS, PORT);
    assert.deepEqual(desk.plan.firstCall.args, [wanted]);
    assert.deepEqual([wanted.range, wanted.only], [[PORT, PORT], 'live']);
    const { status, headers } = await press({ plan: PLAN.id, close: '0' });
    assert.deepEqual([status, headers.location], [303, `?r=runs/${RUNNING.id}`]);
    assert.deepEqual(desk.apply.firstCall.args.slice(0, 2), [PLAN.id, wanted]);
  });

  it('offers to put back the run that opened it where passive FTP was not set up', async () => {
    desk.runs.resolves([OPENED]);
    const text = await page();
    assert.match(text, /action="\?r=runs\/r-live\/undo"/);
    assert.doesNotMatch(text, /r=live-port" class="apply"/);
    assert.ok(desk.plan.notCalled);
  });

  it('shows the plan that closes it where passive FTP was set up', async () => {
    desk.runs.resolves([OPENED, DONE]);
    const text = await page();
    assert.match(text, />Close port 20871<\/button>/);
    assert.doesNotMatch(text, /undo"/);
    assert.deepEqual(desk.plan.firstCall.args, [withoutLivePort(DEFAULT_SETTINGS)]);
    await press({ plan: PLAN.id, close: '1' });
    assert.deepEqual(desk.apply.firstCall.args.slice(0, 2), [PLAN.id, withoutLivePort(DEFAULT_SETTINGS)]);
  });

  it('says so when there is nothing to do, or it cannot be done', async () => {
    desk.plan.resolves({ ...PLAN, empty: true, steps: [] });
    assert.match(await page(), /The firewall lets port 20871 in already\./);
    desk.plan.rejects(new Problem('unsupported', 'Ports 20871 are forbidden on purpose.'));
    const { status, text } = await house.get('/live-port');
    assert.equal(status, 400);
    assert.match(text, /Ports 20871 are forbidden on purpose\./);
  });

  it('shows the new plan when the server has changed', async () => {
    desk.apply.rejects(new Problem('change-conflict', 'It changed.'));
    const { status, headers } = await press({ plan: PLAN.id, close: '0' });
    assert.deepEqual([status, headers.location], [303, '?r=live-port&changed=1']);
    assert.match(
      (await house.get('/live-port?changed=1')).text,
      /Nothing was done; this is the plan as it is now/,
    );
  });
});

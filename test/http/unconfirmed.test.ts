import assert from 'node:assert/strict';
import type { RunRecord } from '../../src/runs/record.ts';
import { secondsLeft } from '../../src/runs/record.ts';
import { Problem } from '../../src/core/problem.ts';
import { createFakeDesk } from './fake-desk.ts';
import { NOW, openHouse, type House } from './house.ts';
import { DONE, RUNNING } from './samples.ts';

const ARMED = { armed: '2026-11-22T09:59:00.000Z', seconds: 120 };
const ended = new Date(NOW - 30_000).toISOString();

describe('a run that nobody has confirmed', () => {
  const desk = createFakeDesk();
  let house: House;
  before(async () => (house = await openHouse(desk)));
  after(() => house.close());

  async function page(record: RunRecord): Promise<string> {
    desk.run.callsFake(() => Promise.resolve(record));
    return (await house.get('/runs/r-20261122-1')).text;
  }

  it('says when it is put back, and confirms itself or is confirmed by a button', async () => {
    const text = await page({ ...DONE, ended, unconfirmed: ARMED });
    assert.match(text, /put back <strong id="left">in 1 min 30 s<\/strong>/);
    assert.match(text, /data-left="90" data-self="1"/);
    assert.match(text, /action="\?r=runs\/r-20261122-1\/confirm" id="confirm"/);
    assert.match(text, /Put it back now/);
    assert.doesNotMatch(text, /Put back what this run changed/);
  });

  it('is not kept unasked when it was cut off', async () => {
    const text = await page({ ...RUNNING, state: 'interrupted', unconfirmed: ARMED });
    assert.match(text, /data-self="0"/);
  });

  it('cannot be confirmed while it goes on, and can be stopped in two steps', async () => {
    const text = await page({ ...RUNNING, unconfirmed: ARMED });
    assert.match(text, /put back <strong id="left">120 seconds after its end/);
    assert.doesNotMatch(text, /id="confirm"/);
    assert.match(text, /action="\?r=runs\/r-20261122-1\/cancel"/);
    assert.match(text, /Cancel: finish the step at work/);
    const once = await page({ ...RUNNING, cancels: 1 });
    assert.match(once, /Cancelled\. The step at work comes to its end/);
    assert.match(once, /End that step now/);
    const twice = await page({ ...RUNNING, cancels: 2, unconfirmed: ARMED });
    assert.doesNotMatch(twice, /Not kept yet/);
    assert.match(twice, /Cancelled\. The step at work is being ended/);
    assert.doesNotMatch(twice, /\/cancel"/);
  });

  it('is no more of a threat when it was confirmed, and says by whom', async () => {
    const { who } = DONE;
    const text = await page({ ...DONE, confirmed: who });
    assert.doesNotMatch(text, /Not kept yet|id="confirm"/);
    assert.match(text, /Confirmed by root from 198\.51\.100\.20, from where a new connection gets in/);
    const typed = await page({ ...DONE, confirmed: { user: 'root', address: 'local', via: 'cli' } });
    assert.match(typed, /Confirmed by root on the command line/);
    assert.doesNotMatch(await page({ ...DONE, confirmed: who, undoneBy: 'r-9' }), /Confirmed by/);
  });

  it('tells why it was not kept: the person on the page, with the buttons, and the page’s own code', async () => {
    const route = '/runs/r-20261122-1/confirm';
    const why = 'A new connection from 198.51.100.20 would <not> get in.';
    desk.run.callsFake(() => Promise.resolve({ ...DONE, ended, unconfirmed: ARMED }));
    desk.confirm.rejects(new Problem('not-proven', why));
    const shown = await house.post(route, { csrf: house.csrf() });
    assert.equal(shown.status, 409);
    assert.match(
      shown.text,
      /role="status">A new connection from 198\.51\.100\.20 would &lt;not&gt; get in\./,
    );
    assert.match(shown.text, /Put it back now/);
    const told = await house.post(route, { csrf: house.csrf(), by: 'page' });
    assert.deepEqual([told.status, JSON.parse(told.text)], [200, { kept: false, why }]);
    desk.confirm.resolves();
    assert.equal((await house.post(route, { csrf: house.csrf(), by: 'page' })).text, '{"kept":true}');
    assert.equal((await house.post(route, { csrf: house.csrf() })).status, 303);
    desk.confirm.rejects(new Problem('busy', 'Run r-2 is at work.'));
    assert.equal((await house.post(route, { csrf: house.csrf(), by: 'page' })).status, 409);
  });

  it('counts from its end, or from the arming where it has none, and never beyond the time given', () => {
    const left = (some: Partial<RunRecord>, now = NOW): number | null =>
      secondsLeft({ ...DONE, unconfirmed: ARMED, ...some }, now);
    assert.equal(left({ ended }), 90);
    assert.equal(left({ ended }, NOW + 90_000), 0);
    assert.equal(left({ ended }, NOW - 86_400_000), 120);
    const open = { state: 'interrupted', unconfirmed: ARMED } as const;
    assert.equal(secondsLeft(open, Date.parse(ARMED.armed) + 20_000), 100);
    assert.equal(left({ state: 'running' }), null);
  });
});

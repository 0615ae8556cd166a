import assert from 'node:assert/strict';
import type { RunRecord } from '../../src/runs/record.ts';
import { secondsLeft } from '../../src/runs/record.ts';
import { runView } from '../../src/http/view/record.ts';
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
    assert.match(text, /put back in 90 seconds/);
    assert.match(text, /action="\?r=runs\/r-20261122-1\/confirm" id="confirm" data-self="1"/);
  });

  it('is not kept unasked when it was cut off', async () => {
    const text = await page({ ...RUNNING, state: 'interrupted', unconfirmed: ARMED });
    assert.match(text, /id="confirm" data-self="0"/);
  });

  it('cannot be confirmed while it goes on, and can be stopped in two steps', async () => {
    const text = await page({ ...RUNNING, unconfirmed: ARMED });
    assert.match(text, /put back 120 seconds after its end/);
    assert.doesNotMatch(text, /id="confirm"/);
    assert.match(text, /action="\?r=runs\/r-20261122-1\/cancel"/);
    assert.match(String(runView(RUNNING, NOW)['cancel']), /^Cancel: finish this step/);
    assert.match(String(runView({ ...RUNNING, cancels: 1 }, NOW)['cancel']), /^End this step now/);
    assert.equal(runView({ ...RUNNING, cancels: 2 }, NOW)['cancel'], '');
  });

  it('is no more of a threat when it was confirmed', async () => {
    assert.doesNotMatch(await page(DONE), /Unconfirmed|id="confirm"/);
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

import assert from 'node:assert/strict';
import sinon from 'sinon';
import { Problem } from '../../src/core/problem.ts';
import { CHANGING, createFakeDesk } from './fake-desk.ts';
import { openHouse, ROOT_LOGIN, type House } from './house.ts';
import { RUNNING } from './samples.ts';

const WHO = { user: 'root', address: '198.51.100.20', via: 'whm' } as const;

describe('a change', () => {
  const desk = createFakeDesk();
  let house: House;

  before(async () => (house = await openHouse(desk)));
  after(() => house.close());
  beforeEach(() => {
    for (const method of CHANGING) desk[method].reset();
    desk.apply.resolves(RUNNING.id);
    desk.undo.resolves('r-20261122-9');
  });

  const unchanged = (): void => {
    for (const method of CHANGING) sinon.assert.notCalled(desk[method]);
  };
  const form = (): Record<string, string> => ({
    csrf: house.csrf(),
    plan: 'plan-4f1c',
    range: '50000-50010',
    address: '203.0.113.10',
    ipv6: '0',
  });

  it('runs the plan that was shown, with its settings and the person’s name', async () => {
    const { status, headers } = await house.post('/apply', form());
    assert.equal(status, 303);
    assert.equal(headers.location, `?r=runs/${RUNNING.id}`);
    sinon.assert.calledOnceWithExactly(
      desk.apply,
      'plan-4f1c',
      {
        range: [50000, 50010],
        passiveAddress: '203.0.113.10',
        ipv6: false,
        firewall: 'auto',
        only: null,
        override: null,
      },
      { user: 'root', address: '198.51.100.20', via: 'whm' },
    );
  });

  it('shows the new plan when the server changed since', async () => {
    desk.apply.rejects(new Problem('change-conflict', 'The server changed.'));
    const { status, headers } = await house.post('/apply', form());
    assert.equal(status, 303);
    assert.equal(
      headers.location,
      '?r=plan&changed=1&range=50000-50010&address=203.0.113.10&ipv6=0&firewall=auto',
    );
    assert.match((await house.get('/plan?changed=1')).text, /The server changed since the plan was shown/);
  });

  it('tells which run is in the way', async () => {
    desk.apply.rejects(new Problem('busy', 'Run r-7 is going on; wait for its end.'));
    const { status, text } = await house.post('/apply', form());
    assert.equal(status, 409);
    assert.match(text, /Run r-7 is going on/);
  });

  it('shows what putting a run back would lose, and does it all the same when asked to', async () => {
    desk.undo.rejects(new Problem('change-conflict', '/etc/x was changed.', '+<later>\n'));
    const refused = await house.post('/runs/r-20261122-1/undo', { csrf: house.csrf() });
    assert.equal(refused.status, 409);
    assert.match(refused.text, /\/etc\/x was changed\.[^]*\+&lt;later&gt;/);
    assert.match(refused.text, /action="\?r=runs\/r-20261122-1\/undo"[^]*name="force" value="1"/);
    desk.undo.reset();
    desk.undo.resolves('r-20261122-9');
    const { status } = await house.post('/runs/r-20261122-1/undo', { csrf: house.csrf(), force: '1' });
    assert.equal(status, 303);
    sinon.assert.calledOnceWithExactly(desk.undo, 'r-20261122-1', WHO, true);
  });

  it('asks a run to stop and goes back to it', async () => {
    const { status, headers } = await house.post('/runs/r-20261122-1/cancel', { csrf: house.csrf() });
    assert.deepEqual([status, headers.location], [303, '?r=runs/r-20261122-1']);
    sinon.assert.calledOnceWithExactly(desk.cancel, 'r-20261122-1', WHO);
  });

  it('confirms a run for the address and the port that the browser uses', async () => {
    const { status, headers } = await house.post('/runs/r-20261122-1/confirm', { csrf: house.csrf() });
    assert.deepEqual([status, headers.location], [303, '?r=runs/r-20261122-1']);
    sinon.assert.calledOnceWithExactly(desk.confirm, 'r-20261122-1', WHO, {
      address: '198.51.100.20',
      port: 2087,
    });
  });

  it('puts a run back and goes to the new run', async () => {
    const { status, headers } = await house.post('/runs/r-20261122-1/undo', { csrf: house.csrf() });
    assert.equal(status, 303);
    assert.equal(headers.location, '?r=runs/r-20261122-9');
    sinon.assert.calledOnceWithExactly(desk.undo, 'r-20261122-1', WHO, false);
  });

  it('is refused without this login’s token', async () => {
    const others = [
      '',
      'x',
      house.csrf().toUpperCase(),
      house.csrf({ ...ROOT_LOGIN, 'x-whm-session': '/cpsess9999999999' }),
      house.csrf({ ...ROOT_LOGIN, 'x-whm-user': 'other' }),
    ];
    for (const csrf of others) {
      for (const path of ['/apply', '/runs/r-20261122-1/undo', '/runs/r-20261122-1/ticket']) {
        assert.equal((await house.post(path, { ...form(), csrf })).status, 403, `${path} ${csrf}`);
      }
    }
    unchanged();
    assert.equal(house.tickets.alive(), 0);
  });

  it('is refused when the browser says that another site asked', async () => {
    for (const site of ['cross-site', 'same-site', 'none', '']) {
      const { status } = await house.post('/apply', form(), { ...ROOT_LOGIN, 'sec-fetch-site': site });
      assert.equal(status, 403, site);
    }
    unchanged();
  });

  it('is let in from the page’s own origin only', async () => {
    const send = async (origin: string): Promise<number> =>
      (await house.post('/apply', form(), { ...ROOT_LOGIN, origin, 'sec-fetch-site': 'same-origin' })).status;
    assert.equal(await send('https://server.example:2087'), 303);
    desk.apply.resetHistory();
    const others = [
      'https://other.example:2087',
      'https://server.example:2083',
      'https://server.example',
      'http://server.example:2087',
      'https://server.example.:2087',
      'https://SERVER.example:2087',
      'https://[2001:db8::1]:2087',
      'https://server.example:2087, https://other.example',
      'null',
      'nonsense',
      '',
    ];
    for (const origin of others) assert.equal(await send(origin), 403, origin);
    unchanged();
  });

  it('is refused when it is too large or cannot be read', async () => {
    assert.equal((await house.post('/apply', { ...form(), more: 'x'.repeat(70_000) })).status, 413);
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`f${i}`, 'x']));
    assert.equal((await house.post('/apply', { ...form(), ...many })).status, 413);
    unchanged();
  });

  it('never comes from GET', async () => {
    const paths = ['status', 'plan', 'runs', `runs/${RUNNING.id}`, `runs/${RUNNING.id}/events?wait=0`];
    const closed = ['apply', `runs/${RUNNING.id}/undo`, `runs/${RUNNING.id}/ticket`];
    const query = new URLSearchParams(form()).toString();
    for (const path of paths) {
      const join = path.includes('?') ? '&' : '?';
      assert.equal((await house.get(`/${path}${join}${query}`)).status, 200, path);
    }
    for (const path of closed) assert.equal((await house.get(`/${path}?${query}`)).status, 404, path);
    unchanged();
    assert.equal(house.tickets.alive(), 0);
  });
});

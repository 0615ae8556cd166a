import assert from 'node:assert/strict';
import sinon from 'sinon';
import { BLOCKED, OPEN } from '../outside/samples.ts';
import { createFakeDesk, type FakeDesk } from './fake-desk.ts';
import { openHouse, RESELLER_LOGIN, type House } from './house.ts';

describe('the way of a packet on the page', () => {
  let desk: FakeDesk;
  let house: House;

  beforeEach(async () => {
    desk = createFakeDesk();
    house = await openHouse(desk);
  });
  afterEach(() => house.close());

  it('asks nothing until a port is given', async () => {
    assert.equal((await house.get('/reach')).status, 200);
    sinon.assert.notCalled(desk.reach);
  });

  it('asks about the port and the address that were typed', async () => {
    desk.reach.resolves({ ipv6: OPEN });
    await house.get('/reach?port=50000&from=2001:db8::7');
    sinon.assert.calledOnceWithExactly(desk.reach, { ports: [50000, 50000], from: '2001:db8::7' });
  });

  it('shows the tables, chains and rules in order, and the one that stops it', async () => {
    desk.reach.resolves({ ipv4: BLOCKED });
    const { text } = await house.get('/reach?port=49152-65534');
    const rows = text.match(/<tr><td>.*<\/tr>/g) ?? [];
    assert.deepEqual(rows, [
      '<tr><td>ip filter</td><td>INPUT</td><td><code>tcp dport 21 accept</code></td><td>goes on</td></tr>',
      '<tr><td>ip filter</td><td>INPUT</td><td><code>policy drop</code></td><td><strong>is stopped here</strong></td></tr>',
    ]);
    assert.match(text, /thrown away without an answer/);
  });

  it('says of no rule that it stops what no rule is known to stop', async () => {
    const blocked = BLOCKED.blocked.map((each) => ({ ...each, rule: null, how: 'unknown' as const }));
    desk.reach.resolves({ ipv4: { ...BLOCKED, blocked } });
    const { text } = await house.get('/reach?port=50000');
    assert.match(text, /No rule is known to decide it/);
    assert.doesNotMatch(text, /is stopped here/);
  });

  it('shows the way of what gets in', async () => {
    const accept = 'inet firewalld filter_INPUT: tcp dport 50000-50100 accept';
    desk.reach.resolves({ ipv4: { ...OPEN, open: [[50000, 50000]], path: [accept] } });
    const { text } = await house.get('/reach?port=50000');
    assert.match(text, /<td>inet firewalld<\/td><td>filter_INPUT<\/td>/);
    assert.match(text, /Connections get through/);
    assert.doesNotMatch(text, /is stopped here/);
  });

  it('says why nothing could be told', async () => {
    desk.reach.resolves({
      ipv4: { method: 'unknown', reason: 'no <namespaces>', open: [], blocked: [], ms: 0 },
    });
    assert.match(
      (await house.get('/reach?port=21')).text,
      /Could not tell<\/span> <span>no &lt;namespaces&gt;/,
    );
  });

  for (const [query, words] of [
    ['port=0', /outside 1 to 65535/],
    ['port=21&from=nobody', /&quot;nobody&quot; is not an address/],
  ] as const)
    it(`refuses ${query}, and keeps what was typed`, async () => {
      const { status, text } = await house.get(`/reach?${query}`);
      assert.equal(status, 400);
      assert.match(text, words);
      assert.match(text, new RegExp(`value="${/port=(\d+)/.exec(query)?.[1] ?? ''}"`));
      sinon.assert.notCalled(desk.reach);
    });

  it('is for root', async () => {
    assert.equal((await house.get('/reach?port=21', RESELLER_LOGIN)).status, 403);
    sinon.assert.notCalled(desk.reach);
  });
});

import assert from 'node:assert/strict';
import sinon from 'sinon';
import type { Reach } from '../../src/core/reach.ts';
import type { Standing } from '../../src/outside/proofs.ts';
import { BLOCKED, OPEN, PROOF, SUBJECT } from '../outside/samples.ts';
import { judge } from '../../src/outside/judgement.ts';
import { lastOf } from '../../src/outside/last.ts';
import { createFakeDesk } from './fake-desk.ts';
import { createFakeOutside, ended, WAITING, type FakeOutside } from './fake-outside.ts';
import { openHouse, RESELLER_LOGIN, ROOT_LOGIN, type House } from './house.ts';

const PAGE = `/outside/${PROOF.id}`;
const OWN: Standing = { ...WAITING, proof: { ...PROOF, user: 'rita' } };

const [blocked = assert.fail('the sample blocks')] = BLOCKED.blocked;

describe('the proof from outside on the page', () => {
  let outside: FakeOutside;
  let house: House;

  const open = async (standing?: Standing): Promise<void> => {
    outside = createFakeOutside(standing);
    house = await openHouse(createFakeDesk(), { outside });
  };
  beforeEach(() => open());
  afterEach(() => house.close());
  const reopen = async (standing: Standing): Promise<void> => {
    await house.close();
    await open(standing);
  };

  it('says what the last one showed to root, and to whoever made it', async () => {
    const { judgement } = ended([49152, 65534]);
    outside.lastProof.resolves(lastOf({ ...PROOF, user: 'sam' }, judgement, Date.UTC(2026, 10, 22, 10, 38)));
    const said =
      /2026-11-22 10:38:00 UTC<\/time>\. From a browser, at 203\.0\.113\.10, ports out of 49152-65534: some .* not \(not 55000\)\./;
    assert.match((await house.get('/outside')).text, said);
    assert.doesNotMatch((await house.get('/outside', RESELLER_LOGIN)).text, /The last time/);
    outside.lastProof.resolves(lastOf({ ...PROOF, user: 'rita' }, judgement, 0));
    assert.match((await house.get('/outside', RESELLER_LOGIN)).text, /The last time/);
    outside.lastProof.resolves(null);
    assert.doesNotMatch((await house.get('/outside')).text, /The last time/);
  });

  it('begins with who asks, where they are, and what they call this server', async () => {
    const { status, headers } = await house.post('/outside', { csrf: house.csrf(), by: 'command' });
    assert.deepEqual([status, headers.location], [303, `?r=outside/${PROOF.id}`]);
    sinon.assert.calledOnceWithExactly(outside.begin, 'command', {
      ...{ user: 'root', isRoot: true, visitor: '198.51.100.20', name: 'server.example' },
    });
  });

  it('begins nothing without the form’s own token', async () => {
    assert.equal((await house.post('/outside', { csrf: 'x', by: 'browser' })).status, 403);
    sinon.assert.notCalled(outside.begin);
  });

  it('gives the page its tries, and lets it connect to them only', async () => {
    const { text, headers } = await house.get(PAGE);
    const tries = [49152, 55000, 65534].map((port) => `203.0.113.10:${port}`);
    assert.ok(text.includes(`data-tries="${[...tries, 'server.example:60000'].join(' ')}"`));
    const policy = String(headers['content-security-policy']);
    const sources = /connect-src ([^;]*)/.exec(policy)?.[1]?.split(' ');
    assert.deepEqual(sources, [
      ...tries.map((each) => `https://${each}`),
      'https://server.example:60000',
      "'self'",
      'wss://server.example:20871',
    ]);
    const elsewhere = await house.get('/outside');
    assert.doesNotMatch(String(elsewhere.headers['content-security-policy']), /203\.0\.113\.10/);
  });

  it('shows three commands with the token to whoever takes another machine', async () => {
    await reopen({ ...WAITING, proof: { ...PROOF, by: 'command' } });
    const { text, headers } = await house.get(PAGE);
    for (const name of ['bash', 'curl', 'PowerShell']) assert.match(text, new RegExp(`id="command-${name}"`));
    assert.equal(text.split(PROOF.token).length - 1 >= 3, true);
    assert.match(text, /data-tries=""/);
    assert.doesNotMatch(String(headers['content-security-policy']), /203\.0\.113\.10/);
  });

  it('says what a block outside means, with the providers’ commands for the range', async () => {
    await reopen(ended([49152, 65534]));
    const { text } = await house.get(PAGE);
    assert.match(
      text,
      /2 of 3 ports were reached at 203\.0\.113\.10; something before this server blocks 55000/,
    );
    assert.match(text, /hcloud firewall add-rule FIREWALL --direction in --protocol tcp --port 49152-65534/);
    assert.match(text, /Blocked outside/);
  });

  it('tells a wrong address, and names no provider for it', async () => {
    await reopen(ended([60000]));
    const { text } = await house.get(PAGE);
    assert.match(text, /the range is open, and the address is wrong/);
    assert.doesNotMatch(text, /hcloud/);
  });

  it('is not proven by what arrived where others are blocked, or sent elsewhere', async () => {
    await reopen(ended(PROOF.ports, PROOF, { visitor: OPEN, stranger: BLOCKED }));
    const { text } = await house.get(PAGE);
    assert.match(text, /<span class="badge level-warn">Not proven<\/span>/);
    assert.match(text, /class="fix">Open the range here/);
    assert.match(text, /So others are blocked, whatever arrived from there/);
    await reopen(ended(PROOF.ports, { ...PROOF, subject: { ...SUBJECT, told: '10.0.0.5' } }));
    assert.match((await house.get(PAGE)).text, /class="fix">Set the address that clients are told/);
  });

  it('says that nothing was tried, and who blocks what, and both where both do', async () => {
    const proof = { ...PROOF, withheld: BLOCKED.blocked };
    const reach = { visitor: BLOCKED, stranger: BLOCKED };
    await reopen(ended([], proof, reach));
    assert.match(
      (await house.get(PAGE)).text,
      /Nothing was tried: this server’s own firewall blocks every port/,
    );
    const some: Reach = { ...BLOCKED, blocked: [{ ...blocked, range: [49152, 50000] }] };
    await reopen(ended([], PROOF, { visitor: some, stranger: some }));
    const { text } = await house.get(PAGE);
    assert.match(text, /firewall blocks 49152, and something before this server blocks 55000, 65534\./);
    assert.match(text, /Open the range here: .* Open the range in the provider’s firewall/);
  });

  it('sends whoever is banned elsewhere, and opens nothing for it', async () => {
    const reach = { visitor: BLOCKED, stranger: OPEN };
    await reopen(ended([], { ...PROOF, withheld: BLOCKED.blocked }, reach));
    const { text } = await house.get(PAGE);
    assert.match(text, /for your address\./);
    assert.match(text, /class="fix">Others get in here: take the ban off/);
    assert.doesNotMatch(text, /Open the range here/);
  });

  it('names the network of whoever tried where nothing arrived at all', async () => {
    await reopen(ended([]));
    assert.match((await house.get(PAGE)).text, /or the network you sit in lets nothing out/);
  });

  it('shows another name of the server as something to compare with only', async () => {
    await reopen(ended(PROOF.ports));
    const row = async (): Promise<string> =>
      (await house.get(PAGE)).text.split('<th scope="row">60000</th>')[1] ?? '';
    assert.match(
      await row(),
      /^<td>server\.example<\/td><td><span class="badge level-unknown">Not told<\/span>/,
    );
    await reopen(ended([...PROOF.ports, 60000]));
    assert.match(
      await row(),
      /^<td>server\.example<\/td><td><span class="badge level-unknown">Arrived<\/span>/,
    );
  });

  it('leaves a page with commands as it is while somebody copies from it', async () => {
    assert.match((await house.get(PAGE)).text, /http-equiv="refresh"/);
    await reopen({ ...WAITING, proof: { ...PROOF, by: 'command' } });
    const { text } = await house.get(PAGE);
    assert.doesNotMatch(text, /http-equiv="refresh"/);
    assert.match(text, /<noscript><p><a href="\?r=outside\/proof-1">Look again<\/a>/);
  });

  it('is proven when all arrived', async () => {
    await reopen(ended([...PROOF.ports, ...PROOF.witnesses]));
    assert.match((await house.get(PAGE)).text, /<span class="badge level-good">Proven<\/span>/);
  });

  it('shows rules of this server to root alone', async () => {
    const proof = { ...PROOF, user: 'rita' };
    const reach = { visitor: BLOCKED, stranger: BLOCKED };
    const judgement = judge(proof, [], { over: true, tried: true, waited: true, reach, held: [] });
    await reopen({ proof, over: true, judgement });
    assert.match((await house.get(PAGE)).text, /policy drop/);
    const { status, text } = await house.get(PAGE, RESELLER_LOGIN);
    assert.equal(status, 200);
    assert.match(text, /Blocked here/);
    assert.doesNotMatch(text, /policy drop/);
  });

  it('is not there for others than who began it, and root', async () => {
    for (const path of [PAGE, `${PAGE}/result`])
      assert.equal((await house.get(path, RESELLER_LOGIN)).status, 404, path);
    const form = { csrf: house.csrf(RESELLER_LOGIN), tried: '1' };
    assert.equal((await house.post(`${PAGE}/end`, form, RESELLER_LOGIN)).status, 404);
    sinon.assert.notCalled(outside.end);
    await reopen(OWN);
    assert.equal((await house.get(PAGE, RESELLER_LOGIN)).status, 200);
    assert.equal((await house.get(PAGE, ROOT_LOGIN)).status, 200);
  });

  it('tells the page’s code how far it is', async () => {
    const { text } = await house.get(`${PAGE}/result`);
    assert.deepEqual(JSON.parse(text), { over: false, arrived: 0, all: 3 });
    await reopen(ended([65534], { ...PROOF, withheld: [{ ...blocked, range: [49152, 50000] }] }));
    assert.deepEqual(JSON.parse((await house.get(`${PAGE}/result`)).text), {
      over: true,
      arrived: 1,
      all: 2,
    });
    const { status, text: none } = await house.get('/outside/gone/result');
    assert.deepEqual(
      [status, (JSON.parse(none) as { problem: { code: string } }).problem.code],
      [404, 'not-found'],
    );
  });

  it('ends when the page says so, with whether all was tried', async () => {
    for (const tried of ['1', '0']) {
      const { status } = await house.post(`${PAGE}/end`, { csrf: house.csrf(), tried });
      assert.equal(status, 303);
      sinon.assert.calledWith(outside.end, PROOF.id, tried === '1');
    }
  });
});

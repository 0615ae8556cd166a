import assert from 'node:assert/strict';
import { Problem } from '../../src/core/problem.ts';
import { createFakeDesk, type FakeDesk } from './fake-desk.ts';
import { openHouse, type House } from './house.ts';

const SECRET = 'hunter2-very-secret';

describe('the verify page', () => {
  let desk: FakeDesk;
  let house: House;

  beforeEach(async () => {
    desk = createFakeDesk();
    house = await openHouse(desk);
  });
  afterEach(() => house.close());

  const post = (form: Readonly<Record<string, string>>): ReturnType<House['post']> =>
    house.post('/verify', { csrf: house.csrf(), ...form });

  it('is a form that needs no script, is in the navigation, and does nothing by itself', async () => {
    const { status, text } = await house.get('/verify');
    assert.equal(status, 200);
    assert.match(text, /<a href="\?r=verify" aria-current="page">Verify<\/a>/);
    assert.match(text, /<form method="post" action="\?r=verify"/);
    assert.match(
      text,
      /<label for="login-password">[^]*<input id="login-password" name="password" type="password"/,
    );
    assert.match(text, new RegExp(`name="csrf" value="${house.csrf()}"`));
    assert.equal(desk.verify.callCount, 0);
  });

  it('shows each check under the address that it is about', async () => {
    const { status, text } = await post({});
    assert.equal(status, 200);
    assert.deepEqual(desk.verify.args, [[null]]);
    assert.match(
      text,
      /level-bad">Wrong<\/span> <span>2 passed, 1 failed, 1 could not be told from this server\./,
    );
    const heads = [...text.matchAll(/<h2 id="subject-\d">([^<]*)</g)].map((match) => match[1]);
    assert.deepEqual(heads, ['Settings', 'Main address', 'Address 10.0.0.6']);
    assert.match(
      text,
      /level-unknown">Not told<\/span><\/td><td>The data port answers at 203\.0\.113\.10 too<\/td>/,
    );
    assert.match(text, /220 &lt;b&gt;Welcome&lt;\/b&gt;/);
    assert.match(text, /Verify again/);
  });

  it('says what everything comes to', async () => {
    desk.verify.resolves([{ id: 'control', title: 'It answers', result: 'pass', fact: '220' }]);
    assert.match((await post({})).text, /level-good">Proven</);
    desk.verify.resolves([{ id: 'control', title: 'It answers', result: 'skip', fact: 'No server.' }]);
    assert.match((await post({})).text, /level-unknown">Not all told</);
  });

  it('uses a login that was given, and never shows it again', async () => {
    const { text } = await post({ user: ' alice ', password: SECRET });
    assert.deepEqual(desk.verify.args, [[{ user: 'alice', password: SECRET }]]);
    assert.ok(!text.includes(SECRET));
    assert.doesNotMatch(text, /<input id="login-(user|password)"[^>]*value=/);
  });

  it('refuses half a login, without a test and without showing it', async () => {
    for (const [form, sentence] of [
      [{ user: 'alice' }, 'The password of the FTP login is empty.'],
      [{ password: SECRET }, 'The user of the FTP login is empty.'],
      [
        { user: 'alice', password: `${SECRET}\r\nDELE x` },
        'The password of the FTP login is no single line.',
      ],
    ] as const) {
      const { status, text } = await post(form);
      assert.equal(status, 400);
      assert.ok(text.includes(sentence));
      assert.ok(!text.includes(SECRET));
    }
    assert.equal(desk.verify.callCount, 0);
  });

  it('needs the form of this login', async () => {
    const { status } = await house.post('/verify', { csrf: 'wrong' });
    assert.equal(status, 403);
    assert.equal(desk.verify.callCount, 0);
  });

  it('says that another run is at work', async () => {
    desk.verify.rejects(new Problem('busy', 'Run 20261122T100000Z-1a2b3c is at work.'));
    const { status, text } = await post({ user: 'alice', password: SECRET });
    assert.equal(status, 409);
    assert.match(text, /is at work/);
    assert.ok(!text.includes(SECRET));
  });
});

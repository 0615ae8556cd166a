import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../../src/core/problem.ts';
import { CHANGING, createFakeDesk, type FakeDesk } from './fake-desk.ts';
import { openHouse, ROOT_LOGIN, type House } from './house.ts';
import { GOOD_STATUS } from './samples.ts';

const logOf = (name: string): string =>
  readFileSync(join(import.meta.dirname, '../fixtures/diagnosis', `${name}.txt`), 'utf8');

describe('the diagnosis page', () => {
  let desk: FakeDesk;
  let house: House;

  beforeEach(async () => {
    desk = createFakeDesk();
    house = await openHouse(desk);
  });
  afterEach(() => house.close());

  const paste = (log: string, csrf = house.csrf()): ReturnType<House['post']> =>
    house.post('/diagnose', { csrf, log });

  it('is a form that needs no script, and is in the navigation', async () => {
    const { status, text } = await house.get('/diagnose');
    assert.equal(status, 200);
    assert.match(text, /<a href="\?r=diagnose" aria-current="page">Diagnose<\/a>/);
    assert.match(text, /<form method="post" action="\?r=diagnose"/);
    assert.match(text, /<label for="client-log">[^]*<textarea id="client-log" name="log"/);
    assert.match(text, new RegExp(`name="csrf" value="${house.csrf()}"`));
    assert.doesNotMatch(text, /What the log shows/);
    assert.match((await house.get('/status')).text, /<a href="\?r=diagnose">Diagnose<\/a>/);
    const fragment = /<!-- ftp-passive:body -->([^]*)<!-- \/ftp-passive:body -->/.exec(text)?.[1] ?? '';
    assert.equal(fragment.match(/<h1>/g)?.length, 1);
  });

  it('names the cause, the line, what this server says, and what to do', async () => {
    const { status, text } = await paste(logOf('lftp-private-timeout'));
    assert.equal(status, 200);
    assert.match(text, /Clients are told an address that cannot be reached from outside/);
    assert.match(
      text,
      /Line 45 of the log<\/dt><dd><code>&lt;--- 227 Entering Passive Mode \(10,0,0,5,222,115\)/,
    );
    assert.match(
      text,
      /This server<\/dt><dd>This server is behind NAT \(10\.0\.0\.5 is 203\.0\.113\.10 outside\)/,
    );
    assert.match(text, /What to do<\/dt><dd>Let the FTP server advertise its public address/);
    assert.match(text, /FTP client<\/dt><dd>lftp/);
  });

  it('says when the server is right and the cause lies elsewhere', async () => {
    desk.status.resolves(GOOD_STATUS);
    const { text } = await paste(logOf('curl-pasv-drop'));
    assert.match(text, /Not here<\/span> <span>Something before this server blocks/);
    assert.match(text, /this server is right now/);
    assert.match(text, /What else fits[^]*<code>imunify<\/code>/);
  });

  it('says when it does not know, and which log would help', async () => {
    const { status, text } = await paste(logOf('sshd'));
    assert.equal(status, 200);
    assert.match(text, /Not known<\/span> <span>This shows no conversation of an FTP client/);
    assert.match(text, /What helps<\/dt><dd>A log helps that goes/);
  });

  it('diagnoses although the server cannot be asked', async () => {
    desk.status.rejects(new Problem('timeout', 'nft did not answer.'));
    const { status, text } = await paste(logOf('curl-pasv-drop'));
    assert.equal(status, 200);
    assert.match(text, /This server could not be asked: nft did not answer\./);
    desk.status.rejects(new Error('boom'));
    assert.equal((await paste(logOf('curl-pasv-drop'))).status, 500);
    assert.equal(house.reported.length, 1);
  });

  it('shows hostile text as text', async () => {
    const { text } = await paste(
      '<script>alert(1)</script> \x1b[31m421 Illegal forced IP for passive connections',
    );
    assert.match(text, /&lt;script&gt;alert\(1\)&lt;\/script&gt; 421 Illegal forced IP/);
    assert.doesNotMatch(text, /<script>|\x1b/);
  });

  it('asks again when there is no log, and refuses one that is too large', async () => {
    for (const log of ['', ' \r\n ']) {
      const { status, text } = await paste(log);
      assert.equal(status, 400);
      assert.match(text, /role="alert"[^]*No log was sent/);
    }
    assert.equal((await paste('x'.repeat(70_000))).status, 413);
  });

  it('wants this login’s token and the page’s own origin', async () => {
    for (const csrf of ['', 'x', house.csrf({ ...ROOT_LOGIN, 'x-whm-user': 'other' })])
      assert.equal((await paste('PASV', csrf)).status, 403);
    const foreign = { ...ROOT_LOGIN, 'sec-fetch-site': 'cross-site' };
    assert.equal((await house.post('/diagnose', { csrf: house.csrf(), log: 'PASV' }, foreign)).status, 403);
    assert.equal(desk.status.callCount, 0);
  });

  it('changes nothing', async () => {
    await paste(logOf('curl-pasv-drop'));
    for (const method of CHANGING) assert.equal(desk[method].callCount, 0);
  });
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { Problem } from '../../src/core/problem.ts';
import type { Status } from '../../src/core/status.ts';
import { createFakeDesk, type FakeDesk } from './fake-desk.ts';
import { openHouse, RESELLER_LOGIN, ROOT_LOGIN, type House } from './house.ts';
import { BROKEN_STATUS } from './samples.ts';

describe('the opening of a page', () => {
  let desk: FakeDesk;
  let house: House;

  beforeEach(async () => {
    desk = createFakeDesk();
    house = await openHouse(desk);
  });
  afterEach(() => house.close());

  /** A page that is shut once. */
  function assertWhole(html: string): void {
    for (const part of ['<!DOCTYPE html>', '<h1>', '<main ', '</main>', '</html>'])
      assert.equal(html.split(part).length, 2, part);
    assert.match(html, /^<!DOCTYPE html>[^]*<\/html>\s*$/);
  }

  it('is on its way before the server was looked at', async () => {
    let look: (status: Status) => void = () => undefined;
    desk.status.callsFake(() => new Promise((resolve) => (look = resolve)));
    const asked = request({ socketPath: house.path, path: '/status', headers: ROOT_LOGIN }).end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    let html = '';
    response.setEncoding('utf8').on('data', (text: string) => (html += text));
    while (!html.includes('</h1>')) await once(response, 'data');
    assert.equal(response.headers['content-type'], 'text/html; charset=utf-8');
    assert.match(html, /<link rel="stylesheet" href="style\.css">/);
    assert.match(html, /aria-current="page">Status</);
    assert.doesNotMatch(html, /What was found/);
    look(BROKEN_STATUS);
    await once(response, 'end');
    assert.match(html, /What was found/);
    assertWhole(html);
  });

  it('shows a reseller no more of the navigation than the page does', async () => {
    const { text } = await house.get('/status', RESELLER_LOGIN);
    assertWhole(text);
    assert.doesNotMatch(text, /\?r=(?:plan|runs|settings)"/);
  });

  it('is followed by what went wrong in the look', async () => {
    desk.status.rejects(new Problem('timeout', 'nft did not answer.'));
    const { status, text } = await house.get('/status');
    assert.equal(status, 200);
    assert.match(text, /<h1>Passive FTP on this server<\/h1>[^]*role="alert"[^]*nft did not answer\./);
    assertWhole(text);
    assert.deepEqual(house.reported, []);
  });

  it('is followed by a failure that nobody foresaw, which is reported', async () => {
    desk.status.rejects(new Error('boom'));
    const { text } = await house.get('/status');
    assert.match(text, /role="alert"/);
    assertWhole(text);
    assert.deepEqual(
      house.reported.map(({ message }) => message),
      ['boom'],
    );
  });

  it('is sent for the pages that take a look, when what was asked is right', async () => {
    desk.plan.rejects(new Problem('busy', 'Later.'));
    desk.reach.rejects(new Problem('busy', 'Later.'));
    for (const path of ['/plan', '/setup', '/reach?port=21']) {
      const { status, text } = await house.get(path);
      assert.equal(status, 200, path);
      assert.match(text, /Later\./, path);
      assertWhole(text);
    }
    for (const path of ['/plan?range=9-1', '/reach?port=x']) {
      const { status, text } = await house.get(path);
      assert.equal(status, 400, path);
      assertWhole(text);
    }
  });
});

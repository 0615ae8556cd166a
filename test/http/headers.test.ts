import assert from 'node:assert/strict';
import { createFakeDesk } from './fake-desk.ts';
import { openHouse, ROOT_LOGIN, type House } from './house.ts';
import { RUNNING } from './samples.ts';

describe('the headers of a page', () => {
  let house: House;
  const policy = (connect: string): string =>
    "default-src 'none';script-src 'self';style-src 'self';" +
    `connect-src 'self' ${connect};form-action 'self';base-uri 'none';frame-ancestors 'self';require-trusted-types-for 'script';trusted-types 'none'`;

  before(async () => (house = await openHouse(createFakeDesk())));
  after(() => house.close());

  it('are strict on every page, also on errors', async () => {
    const pages = [
      '/status',
      '/plan',
      '/plan?range=x',
      '/runs',
      `/runs/${RUNNING.id}`,
      '/nothing',
      '/runs/none',
    ];
    const answers = await Promise.all(pages.map((page) => house.get(page)));
    answers.push(await house.get('/status', {}), await house.post('/apply', {}));
    for (const [index, { headers }] of answers.entries()) {
      const live = headers['content-security-policy']?.includes('wss:') === true;
      assert.equal(
        headers['content-security-policy'],
        policy(live ? 'wss://server.example:20871' : "'self'"),
        pages[index],
      );
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal(headers['x-frame-options'], 'SAMEORIGIN');
      assert.equal(headers['cache-control'], 'no-store');
      assert.equal(headers['referrer-policy'], 'same-origin');
      assert.equal(headers['strict-transport-security'], undefined);
      assert.equal(headers['x-powered-by'], undefined);
      assert.equal(headers.etag, undefined);
    }
  });

  it('let nothing slip into the policy through the host’s name', async () => {
    const hosts = {
      'server.example:2087': 'wss://server.example:20871',
      'whm.example': 'wss://whm.example:20871',
    };
    for (const [host, source] of Object.entries(hosts)) {
      const { headers } = await house.get('/runs', { ...ROOT_LOGIN, 'x-whm-host': host });
      assert.equal(headers['content-security-policy'], policy(source));
    }
    for (const host of ["a; script-src 'unsafe-inline'", 'a b', '[2001:db8::10]:2087', '']) {
      const { headers } = await house.get('/runs', { ...ROOT_LOGIN, 'x-whm-host': host });
      assert.equal(headers['content-security-policy'], policy("'self'"), host);
    }
  });

  it('leave no inline script, style or handler in any page', async () => {
    for (const page of ['/status', '/plan', '/runs', `/runs/${RUNNING.id}`, '/nothing']) {
      const { text } = await house.get(page);
      assert.doesNotMatch(
        text,
        /<style|\sstyle=|\son\w+=|javascript:|<script(?! src="app\.js" defer><\/script>)/i,
      );
    }
  });

  it('leave every link, form and asset of a page relative', async () => {
    for (const page of ['/status', '/plan', '/runs', `/runs/${RUNNING.id}`, '/nothing']) {
      const { text } = await house.get(page);
      const addresses = [...text.matchAll(/\s(?:href|src|action)="([^"]*)"/g)].map((match) => match[1] ?? '');
      assert.ok(addresses.length > 4);
      for (const address of addresses) assert.match(address, /^(?:\?r=[a-z]|#|style\.css$|app\.js$)/, page);
    }
  });
});

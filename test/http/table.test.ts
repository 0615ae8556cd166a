import assert from 'node:assert/strict';
import { ROUTES } from '../../src/http/app.ts';
import { formToken } from '../../src/http/guard.ts';
import { CHANGING, createFakeDesk } from './fake-desk.ts';
import { openHouse, ROOT_LOGIN, type House } from './house.ts';
import { statusOf } from './raw.ts';
import { RUNNING } from './samples.ts';

/** What a row changes of a right request; a value of null leaves the header out, a list says it again. */
interface Change {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string | null | readonly string[]>>;
  /** The form's token: the right one unless it is said otherwise; null leaves the field out. */
  readonly csrf?: string | null;
  /** Instead of the form. */
  readonly body?: string;
}
type Row = readonly [what: string, status: number, change: Change];

const HOST = 'https://server.example:2087';
const FORM = 'application/x-www-form-urlencoded';
const headed = (headers: Change['headers']): Change => ({ ...(headers && { headers }) });
const origin = (value: string | readonly string[], site: string | null = null): Change =>
  headed({ origin: value, 'sec-fetch-site': site });
const host = (name: string | null, from: string): Change => headed({ 'x-whm-host': name, origin: from });
const get = (path: string, headers: Change['headers'] = {}): Change => ({ method: 'GET', path, headers });
const other = (user: string, session: string): string => formToken(secret, { user, session });

/** The house's key is not known before it is open. */
let secret: Uint8Array = new Uint8Array(32);

/** Every row is a right `POST /apply` of root but for what it changes. */
const ROWS: () => readonly Row[] = () => [
  ['nothing is changed', 303, {}],

  // Who asks
  ['nobody', 403, headed({ 'x-whm-user': null })],
  ['a user without a name', 403, headed({ 'x-whm-user': '' })],
  ['no session', 403, headed({ 'x-whm-session': null })],
  ['an empty session', 403, headed({ 'x-whm-session': '' })],
  ['no privilege', 403, headed({ 'x-whm-root': null })],
  ['root in another word', 403, headed({ 'x-whm-root': 'true' })],
  ['root as 01', 403, headed({ 'x-whm-root': '01' })],
  ['root said twice, differently', 403, headed({ 'x-whm-root': ['1', '0'] })],
  ['root said twice, the same', 403, headed({ 'x-whm-root': ['1', '1'] })],
  ['not root', 403, headed({ 'x-whm-root': '0' })],
  ['a reseller with the plugin’s privilege', 403, headed({ 'x-whm-root': '0', 'x-whm-acl': '1' })],
  ['a reseller looks', 200, get('/status', { 'x-whm-root': '0', 'x-whm-acl': '1' })],
  ['a reseller without the privilege looks', 403, get('/status', { 'x-whm-root': '0', 'x-whm-acl': '0' })],
  ['root looks', 200, get('/status')],

  // Sec-Fetch-Site
  ['from the same origin', 303, headed({ 'sec-fetch-site': 'same-origin' })],
  ['from another site', 403, headed({ 'sec-fetch-site': 'cross-site' })],
  ['from another subdomain', 403, headed({ 'sec-fetch-site': 'same-site' })],
  ['from no page', 403, headed({ 'sec-fetch-site': 'none' })],
  ['from an empty site', 403, headed({ 'sec-fetch-site': '' })],
  ['from a site in capitals', 403, headed({ 'sec-fetch-site': 'Same-Origin' })],
  ['from two sites', 403, headed({ 'sec-fetch-site': ['same-origin', 'cross-site'] })],

  // Origin
  ['the page’s origin', 303, origin(HOST)],
  ['the page’s origin and the same site', 303, origin(HOST, 'same-origin')],
  ['the page’s origin, but from another site', 403, origin(HOST, 'cross-site')],
  ['another origin, but from the same site', 403, origin('https://evil.example:2087', 'same-origin')],
  ['another host', 403, origin('https://evil.example:2087')],
  ['another host that begins like ours', 403, origin('https://server.example.evil.example:2087')],
  ['a subdomain of ours', 403, origin('https://a.server.example:2087')],
  ['another port', 403, origin('https://server.example:2083')],
  ['the port left out', 403, origin('https://server.example')],
  ['without TLS', 403, origin('http://server.example:2087')],
  ['a dot after the host', 403, origin('https://server.example.:2087')],
  ['the host in capitals', 403, origin('https://SERVER.EXAMPLE:2087')],
  ['a slash after the origin', 403, origin(`${HOST}/`)],
  ['a name before the host', 403, origin('https://server.example:2087@evil.example')],
  ['two origins in one', 403, origin(`${HOST}, https://evil.example`)],
  ['two origins', 403, origin([HOST, 'https://evil.example'])],
  ['the null origin', 403, origin('null')],
  ['an empty origin', 403, origin('')],
  ['an origin that is none', 403, origin('nonsense')],
  ['a scheme of an extension', 403, origin('chrome-extension://server.example:2087')],

  // What the browser calls the server
  ['a server without a name', 403, host('', HOST)],
  ['a server that is not told', 403, host(null, HOST)],
  ['a host with a path', 403, host('server.example:2087/x', HOST)],
  ['a host with a login', 403, host('x@server.example:2087', HOST)],
  ['a subdomain of WHM without a port', 303, host('whm.server.example', 'https://whm.server.example')],
  ['the usual port, told', 303, host('whm.server.example:443', 'https://whm.server.example')],
  ['an address of IPv4', 303, host('203.0.113.10:2087', 'https://203.0.113.10:2087')],
  ['an address of IPv6', 303, host('[2001:db8:1::10]:2087', 'https://[2001:db8:1::10]:2087')],
  ['a port that is none', 403, host('server.example:99999', 'https://server.example:99999')],

  // The form's token
  ['no token', 403, { csrf: null }],
  ['an empty token', 403, { csrf: '' }],
  ['a wrong token', 403, { csrf: 'f'.repeat(64) }],
  ['a token of another session', 403, { csrf: other('root', '/cpsess9') }],
  ['a token of another user', 403, { csrf: other('bob', '/cpsess0123456789') }],
  ['a token that is bound to nobody', 403, { csrf: other('', '') }],
  ['a token in capitals', 403, { csrf: other('root', '/cpsess0123456789').toUpperCase() }],
  ['a token cut short', 403, { csrf: other('root', '/cpsess0123456789').slice(0, -1) }],
  ['a token with more behind it', 403, { csrf: `${other('root', '/cpsess0123456789')}0` }],
  ['two tokens', 403, { body: 'csrf=TOKEN&csrf=TOKEN&plan=x' }],
  ['a token in a list', 403, { body: 'csrf[]=TOKEN&plan=x' }],
  ['a token by way of the prototype', 403, { body: '__proto__[csrf]=TOKEN&plan=x' }],
  ['a token in the address only', 403, { path: '/apply?csrf=TOKEN', csrf: null }],
  ['a token in a header only', 403, { headers: { 'x-csrf-token': 'TOKEN' }, csrf: null }],
  ['a form as JSON', 403, { headers: { 'content-type': 'application/json' }, body: '{"csrf":"TOKEN"}' }],
  ['a form as plain text', 403, headed({ 'content-type': 'text/plain' })],
  ['a form in parts', 403, headed({ 'content-type': 'multipart/form-data; boundary=x' })],
  ['a form without a kind', 403, headed({ 'content-type': null })],
  ['a form in letters nobody knows', 415, headed({ 'content-type': `${FORM}; charset=ebcdic` })],
  ['a form said to be packed', 400, headed({ 'content-encoding': 'gzip' })],
  ['a form packed in a way nobody knows', 415, headed({ 'content-encoding': 'x' })],

  // Ways in
  ['HEAD', 404, { method: 'HEAD', body: '' }],
  ['GET', 404, { method: 'GET', body: '' }],
  ['PUT with all else right', 404, { method: 'PUT' }],
  ['PATCH without a token', 403, { method: 'PATCH', csrf: null }],
  ['DELETE without a token', 403, { method: 'DELETE', csrf: null }],
  ['OPTIONS without a token', 403, { method: 'OPTIONS', csrf: null }],
  ['TRACE without a token', 403, { method: 'TRACE', csrf: null }],
  ['a method nobody knows', 400, { method: 'BREW' }],
  ['a method hidden in the form', 404, { method: 'GET', path: '/apply?_method=POST', body: '' }],
  ['a method hidden in a header', 404, { ...get('/apply'), headers: { 'x-http-method-override': 'POST' } }],
  ['a way up', 404, get('/runs/../../etc/passwd')],
  ['a way up, hidden', 404, get('/runs/..%2f..%2fetc%2fpasswd')],
  ['a run that is none', 404, get('/runs/%00')],
  ['a run with half an escape', 400, get('/runs/%')],
  ['a run’s name that is too long', 404, get(`/runs/${'a'.repeat(65)}`)],
  ['two slashes', 404, get('//status')],
  ['a slash behind', 404, get('/status/')],
  ['nothing', 404, get('/')],
  ['a whole address', 200, get('http://evil.example/status')],
  ['an offset that is no number', 400, get(`/runs/${RUNNING.id}/events?wait=0&offset=-1`)],
  ['an offset beyond all files', 200, get(`/runs/${RUNNING.id}/events?wait=0&offset=999999999999999`)],

  // Sizes
  ['a form of 64 kB', 303, { body: `csrf=TOKEN&plan=${'x'.repeat(65_536 - 64 - 11)}` }],
  ['a form of one byte more', 413, { body: `csrf=TOKEN&plan=${'x'.repeat(65_536 - 64 - 10)}` }],
  ['fifty fields', 303, { body: `csrf=TOKEN${'&x=1'.repeat(49)}` }],
  ['fifty-one fields', 413, { body: `csrf=TOKEN${'&x=1'.repeat(50)}` }],
  ['a header of 20 kB', 431, headed({ 'x-more': 'x'.repeat(20_000) })],
  ['an address of 20 kB', 431, get(`/status?${'x'.repeat(20_000)}`)],
  ['three thousand headers', 431, headed({ 'x-more': Array.from({ length: 3000 }, () => 'x') })],
  ['a length that is none', 400, headed({ 'content-length': 'ten' })],
  ['a length below zero', 400, headed({ 'content-length': '-1' })],
  ['two lengths', 400, headed({ 'content-length': ['10', '11'] })],
  ['a length and chunks', 400, headed({ 'transfer-encoding': 'chunked' })],
  ['a header over two lines', 400, headed({ 'x-more': 'a\r\nx-whm-root : 1' })],
];

describe('the table of requests', () => {
  const desk = createFakeDesk();
  let house: House;
  let now = 0;

  before(async () => {
    house = await openHouse(desk, { now: () => now });
    secret = house.secret;
  });
  after(() => house.close());
  beforeEach(() => {
    // Each row has a minute of its own, so that no other row's request counts.
    now += 60_000;
    for (const method of CHANGING) desk[method].resetHistory();
  });

  const login = { ...ROOT_LOGIN, 'content-type': FORM };
  function ask({ method = 'POST', path = '/apply', headers = {}, csrf, body }: Change): Promise<number> {
    const token = house.csrf();
    const field = csrf === null ? '' : `csrf=${csrf ?? token}&`;
    const sent = (body ?? `${field}plan=plan-4f1c&range=50000-50010&address=auto&ipv6=1`).replaceAll(
      'TOKEN',
      token,
    );
    const length = sent === '' ? {} : { 'content-length': String(Buffer.byteLength(sent)) };
    const all: NonNullable<Change['headers']> = { ...login, ...length, ...headers };
    const said = Object.entries(all).flatMap(([name, value]) =>
      value === null ? [] : [value].flat().map((each) => [name, each.replace('TOKEN', token)] as const),
    );
    return statusOf(house.path, { method, path: path.replace('TOKEN', token), headers: said, body: sent });
  }

  it('has rows enough', () => assert.ok(ROWS().length >= 100));

  const names = ROWS().map(([what]) => what);
  for (const [index, name] of names.entries()) {
    it(`answers as it must: ${name}`, async () => {
      const [, status, change] = ROWS()[index] ?? assert.fail();
      assert.equal(await ask(change), status);
      const done = CHANGING.filter((method) => desk[method].called);
      assert.deepEqual(done, status === 303 ? ['apply'] : []);
    });
  }

  it('holds for every route that changes something', async () => {
    const posts = ROUTES.filter(([method]) => method === 'post');
    assert.ok(posts.length >= 8);
    for (const [, pattern] of posts) {
      const path = pattern.replace(':run', RUNNING.id);
      assert.equal(await ask({ path, csrf: null }), 403, `${path} without a token`);
      assert.equal(await ask({ path, csrf: 'f'.repeat(64) }), 403, `${path} with a wrong token`);
      assert.equal(
        await ask({ path, headers: { origin: 'https://evil.example' } }),
        403,
        `${path} from elsewhere`,
      );
      assert.equal(
        await ask({ path, headers: { 'sec-fetch-site': 'cross-site' } }),
        403,
        `${path} cross site`,
      );
      assert.equal(await ask({ path, headers: { 'x-whm-root': '0' } }), 403, `${path} without a privilege`);
    }
    assert.deepEqual(
      CHANGING.filter((method) => desk[method].called),
      [],
    );
    assert.equal(house.tickets.alive(), 0);
  });

  it('tells the audit of each change and of each refusal, and never a secret', async () => {
    house.noted.length = 0;
    assert.equal(await ask({}), 303);
    assert.equal(await ask({ csrf: 'a'.repeat(64) }), 403);
    assert.equal(await ask(get('/status?x=cpsess0123456789')), 200);
    assert.equal(await ask(get('/status', { 'x-whm-root': '0' })), 403);
    assert.equal(await ask({ path: `/runs/${RUNNING.id}/undo` }), 303);
    const root = { user: 'root', address: '198.51.100.20', via: 'whm' };
    assert.deepEqual(house.noted, [
      { ...root, role: 'root', action: 'POST /apply', result: '303' },
      { ...root, role: 'root', action: 'POST /apply', result: '403 access-denied' },
      { ...root, role: 'none', action: 'GET /status', result: '403 access-denied' },
      { ...root, role: 'root', action: 'POST /runs/:run/undo', about: RUNNING.id, result: '303' },
    ]);
  });

  it('tells the audit of a flood of refusals up to a bound', async () => {
    house.noted.length = 0;
    for (let i = 0; i < 50; i++) assert.equal(await ask({ csrf: null }), 403);
    assert.equal(house.noted.length, 30);
    assert.equal(await ask({}), 303);
    assert.equal(house.noted.length, 31);
  });

  it('lets nobody ask more often than a person can, and everybody else go on', async () => {
    const many = async (count: number, change: Change): Promise<number[]> => {
      const seen = new Set<number>();
      for (let i = 0; i < count; i++) seen.add(await ask(change));
      return [...seen];
    };
    assert.deepEqual(await many(120, {}), [303]);
    assert.equal(await ask({}), 429);
    assert.equal(await ask(get('/runs')), 200);
    const bob = { 'x-whm-user': 'bob' };
    assert.equal(await ask({ headers: bob, csrf: other('bob', ROOT_LOGIN['x-whm-session'] ?? '') }), 303);
    now += 59_999;
    assert.equal(await ask({}), 429);
    now += 1;
    assert.equal(await ask({}), 303);
    assert.deepEqual(await many(600, get(`/runs/${RUNNING.id}/events?wait=0`)), [200]);
    assert.equal(await ask(get('/status')), 429);
    assert.equal(await ask({}), 303);
    assert.deepEqual(await many(130, { headers: { 'x-whm-root': '0' } }), [403, 429]);
  });
});

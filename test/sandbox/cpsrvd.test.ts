import assert from 'node:assert/strict';
import { writeFiles } from './files.ts';
import { ok } from './machine.ts';
import { type Sandbox, startSandbox } from './sandbox.ts';
import { ask, type Browser, logIn } from './whm/browser.ts';

const CGI = '/usr/local/cpanel/whostmgr/docroot/cgi';

/** Prints what it was given, in pieces with a pause, when the query asks for pieces. */
const PROGRAM = `#!/bin/sh
printf 'Status: 202 Accepted\\nContent-Type: text/plain\\r\\n\\r\\n'
case $QUERY_STRING in
pieces) for piece in one two three; do echo $piece; sleep 0.3; done ;;
fail) echo oops >&2; exit 3 ;;
*) env | sort; echo; cat ;;
esac
`;

async function startWithApp(cgi: 'stream' | 'buffered', killAfterSeconds = 0): Promise<Sandbox> {
  const sandbox = await startSandbox({ cgi, killAfterSeconds });
  await writeFiles(sandbox.server, {
    [`${CGI}/echo/index.cgi`]: { text: PROGRAM, mode: 0o700 },
    [`${CGI}/echo/other.cgi`]: { text: PROGRAM, mode: 0o700 },
    [`${CGI}/echo/style.css`]: { text: 'a {}' },
    '/root/echo.conf': {
      text: 'name=echo\nservice=whostmgr\nurl=/cgi/echo/index.cgi\nacls=all\nentryurl=echo/index.cgi\ndisplayname=Echo & more\n',
    },
  });
  return sandbox;
}

async function register(sandbox: Sandbox): Promise<string> {
  const printed = await ok(
    sandbox.server.run(['/usr/local/cpanel/bin/register_appconfig', '/root/echo.conf']),
  );
  await sandbox.ready();
  return printed;
}

async function arrivals(browser: Browser): Promise<number[]> {
  const times: number[] = [];
  for await (const chunk of browser.stream('/cgi/echo/index.cgi?pieces'))
    if (chunk.length > 0) times.push(Date.now());
  return times;
}

describe('cpsrvd', function () {
  this.timeout(60_000);
  let sandbox: Sandbox;
  let root: Browser;

  before(async () => {
    sandbox = await startWithApp('stream');
    root = await logIn(sandbox.url, { name: 'root', password: 'sandbox-root' });
  });
  after(() => sandbox.stop());

  it('knows an application only after it was registered, which restarts it', async () => {
    const { status, body } = await root.get('/cgi/echo/index.cgi');
    assert.equal(status, 403);
    assert.match(body, /disallow execution of unregistered applications/);
    assert.match(await register(sandbox), /^echo registered$/m);
    assert.equal(
      (await ask(`${sandbox.url}${root.token}/`, { cookie: root.cookie })).status,
      401,
      'a restart ends sessions',
    );
    root = await logIn(sandbox.url, { name: 'root', password: 'sandbox-root' });
    assert.equal((await root.get('/cgi/echo/index.cgi')).status, 202);
    assert.equal((await root.get('/cgi/echo/other.cgi')).status, 403);
  });

  it('lists the applications in the menu that this user may open', async () => {
    assert.match(
      (await root.get('/')).body,
      /href="\/cpsess\d+\/cgi\/echo\/index\.cgi"[^>]*>.*Echo &amp; more/,
    );
    const rita = await logIn(sandbox.url, { name: 'rita', password: 'sandbox-rita' });
    assert.doesNotMatch((await rita.get('/')).body, /Echo/);
    const { status, body } = await rita.get('/cgi/echo/index.cgi');
    assert.equal(status, 403);
    assert.match(body, /permission/);
  });

  it('refuses a wrong password, a wrong token and no cookie', async () => {
    await assert.rejects(logIn(sandbox.url, { name: 'root', password: 'wrong' }), /401/);
    const wrong = await ask(`${sandbox.url}/cpsess1234567890/`, { cookie: root.cookie });
    assert.equal(wrong.status, 401);
    assert.match(wrong.body, /Invalid security token/);
    assert.equal((await ask(`${sandbox.url}${root.token}/cgi/echo/index.cgi`)).status, 401);
  });

  it('answers a script that logs in with JSON', async () => {
    const form = { user: 'root', pass: 'no' };
    const { status, headers, body } = await ask(`${sandbox.url}/login/?login_only=1`, {
      method: 'POST',
      form,
    });
    assert.equal(status, 401);
    assert.equal(body, '{"status":0,"message":"see_login_log"}');
    assert.match(
      headers['set-cookie']?.[0] ?? '',
      /^whostmgrsession=%3A\S+%2COB[0-9a-f]{32}; HttpOnly; path=\/; port=2087; secure$/,
    );
  });

  it('gives a CGI the environment and the body, and its status back', async () => {
    const { status, headers, body } = await root.post('/cgi/echo/index.cgi?r=x&y=1', { field: 'a b' });
    assert.equal(status, 202);
    assert.equal(headers['x-frame-options'], 'SAMEORIGIN');
    const environment = new Map(
      body.split('\n').map((line) => [line.split('=')[0], line.slice(line.indexOf('=') + 1)]),
    );
    const expected = {
      REMOTE_USER: 'root',
      REMOTE_ADDR: '127.0.0.1',
      REMOTE_PASSWORD: 'sandbox-root',
      cp_security_token: root.token,
      REQUEST_METHOD: 'POST',
      QUERY_STRING: 'r=x&y=1',
      CONTENT_LENGTH: '9',
      HTTP_HOST: sandbox.url.replace('https://', ''),
      HTTP_ORIGIN: sandbox.url,
      HTTP_SEC_FETCH_SITE: 'same-origin',
    };
    for (const [name, value] of Object.entries(expected)) assert.equal(environment.get(name), value, name);
    assert.match(body, /\n\nfield=a\+b$/);
  });

  it('serves style sheets without registration', async () => {
    const { status, headers, body } = await root.get('/cgi/echo/style.css');
    assert.deepEqual([status, headers['content-type'], body], [200, 'text/css', 'a {}']);
  });

  it('shows a blank page and logs when a CGI fails', async () => {
    assert.equal((await root.get('/cgi/echo/index.cgi?fail')).body, '');
    const log = await ok(sandbox.server.run(['cat', '/usr/local/cpanel/logs/error_log']));
    assert.match(
      log,
      /oops\n.*exited with an error: The subprocess reported error number 3 when it ended\./s,
    );
  });

  it('refuses a WebSocket', async () => {
    const headers = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'eA==',
    };
    const { status } = await ask(`${sandbox.url}${root.token}/cgi/echo/index.cgi`, {
      cookie: root.cookie,
      headers,
    });
    assert.equal(status, 403);
  });

  it('hands on what a CGI prints as it comes', async () => {
    const times = await arrivals(root);
    assert.ok(
      times.length >= 3 && (times.at(-1) ?? 0) - (times[0] ?? 0) > 400,
      `arrived at ${times.join(', ')}`,
    );
  });
});

describe('cpsrvd that buffers and kills', function () {
  this.timeout(60_000);

  it('hands on what a CGI prints when it has ended, and ends one that takes too long', async () => {
    const sandbox = await startWithApp('buffered', 2);
    try {
      await register(sandbox);
      const root = await logIn(sandbox.url, { name: 'root', password: 'sandbox-root' });
      const { headers, body } = await root.get('/cgi/echo/index.cgi?pieces');
      assert.deepEqual([headers['content-length'], body], ['14', 'one\ntwo\nthree\n']);
      await writeFiles(sandbox.server, {
        [`${CGI}/echo/index.cgi`]: {
          text: '#!/bin/sh\nprintf "Content-Type: text/plain\\n\\nbegun"\nexec sleep 20\n',
          mode: 0o700,
        },
      });
      const started = Date.now();
      assert.equal((await root.get('/cgi/echo/index.cgi')).body, 'begun');
      assert.ok(Date.now() - started < 10_000);
    } finally {
      await sandbox.stop();
    }
  });
});

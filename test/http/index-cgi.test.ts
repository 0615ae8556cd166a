import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import sinon from 'sinon';
import { openCgi, STYLE, type Cgi } from './cgi.ts';
import type { Status } from '../../src/core/status.ts';
import { createFakeDesk, createFakeRecording, type FakeDesk, type FakeRecording } from './fake-desk.ts';
import { openHouse, type House } from './house.ts';
import { BROKEN_STATUS, RUNNING } from './samples.ts';

/** Template Toolkit as cPanel calls it: with print it prints, and it must be given the page's middle. */
const TEMPLATE = `package Cpanel::Template;
sub process_template {
    my ( $service, $input ) = @_;
    die "no template" if $service ne 'whostmgr' || $input->{template_file} !~ /page\\.tmpl\\z/;
    print "<html><body>WHM menu $input->{data}{body} WHM footer</body></html>";
    return 1;
}
1;
`;

describe('index.cgi', () => {
  let cgi: Cgi;
  let recording: FakeRecording;
  let desk: FakeDesk;
  let house: House;

  beforeEach(async () => {
    cgi = openCgi();
    recording = createFakeRecording();
    desk = createFakeDesk(recording);
    house = await openHouse(desk);
    cgi.install(house.path);
  });
  afterEach(async () => {
    await house.close();
    cgi.remove();
  });

  const form = (fields: Readonly<Record<string, string>>): [Record<string, string>, string] => {
    const body = new URLSearchParams(fields).toString();
    return [
      {
        REQUEST_METHOD: 'POST',
        CONTENT_TYPE: 'application/x-www-form-urlencoded',
        CONTENT_LENGTH: String(body.length),
        HTTP_ORIGIN: 'https://server.example:2087',
        HTTP_SEC_FETCH_SITE: 'same-origin',
      },
      body,
    ];
  };

  it('draws the status page when no place is named', async () => {
    const { status, body, headers, exit, errors } = await cgi.run({});
    assert.equal(status, '200 OK');
    assert.match(headers['content-type'] ?? '', /^text\/html/);
    assert.match(body.toString(), /<h1>Passive FTP on this server<\/h1>/);
    assert.deepEqual([exit, errors], [0, '']);
  });

  it('lets in nobody but root and who holds the plugin’s privilege, and asks the daemon nothing', async () => {
    for (const user of ['reseller', '', 'Root', 'rita ', 'root\n']) {
      const { status, exit, headers } = await cgi.run({ REMOTE_USER: user });
      assert.equal(status, '403 Forbidden', user);
      assert.equal(headers['content-security-policy'], "default-src 'none'; frame-ancestors 'self'");
      assert.equal(exit, 0);
    }
    sinon.assert.notCalled(desk.status);
  });

  it('tells the daemon who asks, and no password, cookie or authorization', async () => {
    const raw = await cgi.recorder('HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\nx');
    const { errors, body } = await cgi.run({
      QUERY_STRING: 'range=1-2&r=plan&address=auto',
      HTTP_SEC_FETCH_SITE: 'none',
      HTTP_USER_AGENT: 'browser',
    });
    assert.equal(
      raw.heard(),
      'GET /plan?range=1-2&address=auto HTTP/1.0\r\nsec-fetch-site: none\r\nx-whm-acl: 1\r\n' +
        'x-whm-address: 198.51.100.20\r\nx-whm-host: server.example:2087\r\nx-whm-root: 1\r\nx-whm-session: /cpsess0123456789\r\nx-whm-user: root\r\n\r\n',
    );
    assert.equal(errors + body.toString(), 'x');
    raw.close();
  });

  it('tells the daemon what cPanel says of a reseller, and nothing that a browser says of itself', async () => {
    const raw = await cgi.recorder('HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\nx');
    // What a browser sends as X-Whm-Root and so on.
    const forged = {
      HTTP_X_WHM_USER: 'root',
      HTTP_X_WHM_ROOT: '1',
      HTTP_X_WHM_ACL: '1',
      HTTP_X_WHM_ADDRESS: '127.0.0.1',
      HTTP_X_WHM_SESSION: '/cpsess1',
      HTTP_X_WHM_HOST: 'evil.example',
      HTTP_REMOTE_USER: 'root',
      HTTP_X_REMOTE_USER: 'root',
      HTTP_X_FORWARDED_FOR: '127.0.0.1',
      HTTP_X_FORWARDED_HOST: 'evil.example',
    };
    await cgi.run({ ...forged, REMOTE_USER: 'rita' });
    const heard = raw.heard();
    raw.close();
    assert.equal(
      heard,
      'GET /status HTTP/1.0\r\nx-whm-acl: 1\r\nx-whm-address: 198.51.100.20\r\n' +
        'x-whm-host: server.example:2087\r\nx-whm-root: 0\r\nx-whm-session: /cpsess0123456789\r\nx-whm-user: rita\r\n\r\n',
    );
  });

  it('shows a reseller the status and refuses them root’s places, whatever the browser says of itself', async () => {
    const rita = { REMOTE_USER: 'rita', HTTP_X_WHM_ROOT: '1', HTTP_X_WHM_USER: 'root' };
    assert.equal((await cgi.run(rita)).status, '200 OK');
    for (const r of ['plan', 'runs', 'settings', 'setup', `runs/${RUNNING.id}`])
      assert.equal((await cgi.run({ ...rita, QUERY_STRING: `r=${r}` })).status, '403 Forbidden', r);
    const csrf = house.csrf({ 'x-whm-user': 'rita', 'x-whm-session': '/cpsess0123456789' });
    const [environment, body] = form({ csrf, plan: 'plan-4f1c' });
    const { status } = await cgi.run({ ...environment, ...rita, QUERY_STRING: 'r=apply' }, body);
    assert.equal(status, '403 Forbidden');
    sinon.assert.notCalled(desk.apply);
  });

  it('lets no line into the request through a variable', async () => {
    const raw = await cgi.recorder('HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n');
    await cgi.run({ HTTP_HOST: 'a\r\nx-whm-root: 1\n', HTTP_ORIGIN: 'https://ä.example' });
    assert.match(raw.heard(), /^x-whm-host: ax-whm-root: 1\r$/m);
    assert.match(raw.heard(), /^origin: https:\/\/\.example\r$/m);
    raw.close();
  });

  it('refuses a place that cannot be one of the daemon’s', async () => {
    const others = [
      'r=../status',
      'r=a%00b',
      'r=status%3Fx',
      'r=a.b',
      'r=status&x=a b',
      'r=status&x=\n',
      'r=ä',
    ];
    for (const QUERY_STRING of others) {
      assert.equal((await cgi.run({ QUERY_STRING })).status, '400 Bad Request', QUERY_STRING);
    }
    for (const REQUEST_METHOD of ['HEAD', 'PUT', 'get', 'GET\n']) {
      assert.equal((await cgi.run({ REQUEST_METHOD })).status, '405 Method Not Allowed', REQUEST_METHOD);
    }
  });

  it('passes a form on and the redirect back', async () => {
    const [environment, body] = form({ csrf: house.csrf(), plan: 'plan-4f1c' });
    const { status, headers, exit } = await cgi.run({ ...environment, QUERY_STRING: 'r=apply' }, body);
    assert.equal(status, '303 See Other');
    assert.equal(headers.location, `?r=runs/${RUNNING.id}`);
    assert.equal(exit, 0);
    const [plan, , who] = desk.apply.firstCall.args;
    assert.deepEqual([plan, who], ['plan-4f1c', { user: 'root', address: '198.51.100.20', via: 'whm' }]);
  });

  it('reads a slash in a place that a form encoded', async () => {
    const { status } = await cgi.run({ QUERY_STRING: `r=runs%2F${RUNNING.id}` });
    assert.equal(status, '200 OK');
  });

  it('refuses a form that is too large, short or of no known length', async () => {
    const [environment] = form({});
    const send = async (CONTENT_LENGTH: string, body: string): Promise<string> =>
      (await cgi.run({ ...environment, QUERY_STRING: 'r=apply', CONTENT_LENGTH }, body)).status;
    assert.equal(await send('65537', 'x'.repeat(65_537)), '413 Content Too Large');
    assert.equal(await send('-1', 'x'), '413 Content Too Large');
    assert.equal(await send('99999999999999999999999', 'x'), '413 Content Too Large');
    assert.equal(await send('10', 'short'), '400 Bad Request');
    sinon.assert.notCalled(desk.apply);
  });

  it('brings a recording as it grows, byte for byte', async () => {
    recording.append(randomBytes(200_000));
    const child = cgi.start({ QUERY_STRING: `r=runs/${RUNNING.id}/events&offset=0` });
    const out: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    const body = (): Buffer => {
      const whole = Buffer.concat(out);
      return whole.subarray(whole.indexOf('\r\n\r\n') + 4);
    };
    const size = recording.bytes().length;
    while (body().length < size) await once(child.stdout, 'data');
    const late = Buffer.from([0, 1, 255, 13, 10, 26, 128]);
    recording.append(late);
    while (body().length < size + late.length) await once(child.stdout, 'data');
    assert.equal(child.exitCode, null);
    recording.end();
    await once(child, 'close');
    assert.ok(body().equals(recording.bytes()));
  });

  it('ends quietly when the browser leaves in the middle, and the daemon lets go', async () => {
    const child = cgi.start({ QUERY_STRING: `r=runs/${RUNNING.id}/events&offset=0` });
    await once(child.stdout, 'data');
    child.stdout.destroy();
    const closed = once(child, 'close');
    recording.append(Buffer.alloc(300_000));
    assert.deepEqual(await closed, [0, null]);
    while (recording.followers() > 0) await new Promise(setImmediate);
  });

  it('draws pages inside WHM’s own page, without the policy that WHM’s page cannot keep', async () => {
    cgi.module('Cpanel/Template.pm', TEMPLATE);
    const { body, headers, errors } = await cgi.run({ QUERY_STRING: 'r=status' });
    const text = body.toString();
    assert.match(
      text,
      /^<html><body>WHM menu \s*<main class="ftp-passive">[^]*<\/main>\s* WHM footer<\/body><\/html>$/,
    );
    assert.match(text, /WHM’s settings/);
    assert.equal(text.match(/<h1>/g)?.length, 1);
    assert.equal(headers['content-security-policy'], "frame-ancestors 'self'; object-src 'none'");
    assert.equal(headers['content-length'], undefined);
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(errors, '');
  });

  it('puts the style into WHM’s page, so that nothing is asked for before it can be drawn', async () => {
    cgi.module(
      'Cpanel/Template.pm',
      TEMPLATE.replace('<body>', '<style>$input->{data}{style}</style><body>'),
    );
    const { body } = await cgi.run({});
    const style = readFileSync(STYLE, 'utf8');
    assert.ok(body.toString().startsWith(`<html><style>${style}</style>`));
    assert.doesNotMatch(style, /<|url\(|@import/);
  });

  it('draws WHM’s page while the daemon looks', async () => {
    const loaded = join(cgi.folder, 'loaded');
    cgi.module('Cpanel/Template.pm', `open my $f, '>', '${loaded}' or die; print 'x';\n${TEMPLATE}`);
    const wasLoaded = async (): Promise<boolean> => {
      for (let wait = 0; wait < 100 && !existsSync(loaded); wait++) await setTimeout(10);
      return existsSync(loaded);
    };
    const seen: boolean[] = [];
    desk.status.callsFake(async () => {
      seen.push(await wasLoaded());
      return BROKEN_STATUS;
    });
    for (const HTTP_SEC_FETCH_MODE of ['navigate', '']) {
      const { body } = await cgi.run({ HTTP_SEC_FETCH_MODE });
      assert.match(body.toString(), /^<html><body>WHM menu /);
      rmSync(loaded);
    }
    assert.deepEqual(seen, [true, true]);
  });

  it('draws WHM’s page before the daemon has said anything when a person opens a page, and for nothing else', async () => {
    const loaded = join(cgi.folder, 'loaded');
    cgi.module('Cpanel/Template.pm', `open my $f, '>', '${loaded}' or die;\n${TEMPLATE}`);
    const ask = async (environment: Record<string, string>): Promise<boolean> => {
      rmSync(loaded, { force: true });
      const raw = await cgi.recorder('HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\nx');
      assert.equal((await cgi.run(environment)).body.toString(), 'x');
      raw.close();
      return existsSync(loaded);
    };
    assert.equal(await ask({ HTTP_SEC_FETCH_MODE: 'navigate' }), true);
    assert.equal(await ask({ HTTP_SEC_FETCH_MODE: 'cors' }), false);
    const [environment, body] = form({ plan: 'x' });
    assert.equal(await ask({ ...environment, CONTENT_LENGTH: '0', HTTP_SEC_FETCH_MODE: 'navigate' }), false);
    assert.notEqual(body, '');
  });

  it('sends WHM’s page and the beginning of its own before the daemon has looked', async () => {
    cgi.module('Cpanel/Template.pm', TEMPLATE);
    let look: (status: Status) => void = () => undefined;
    desk.status.callsFake(() => new Promise((resolve) => (look = resolve)));
    const child = cgi.start({});
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    while (!out.includes('</h1>')) await once(child.stdout, 'data');
    assert.match(
      out,
      /^Status: 200 OK\r\n[^]*\r\n\r\n<html><body>WHM menu [^]*<h1>Passive FTP on this server<\/h1>/,
    );
    assert.doesNotMatch(out, /WHM footer|ftp-passive:body/);
    look(BROKEN_STATUS);
    await once(child, 'close');
    assert.match(out, /<\/main>\s* WHM footer<\/body><\/html>$/);
  });

  it('closes WHM’s page when the daemon ends in the middle of its own', async () => {
    cgi.module('Cpanel/Template.pm', TEMPLATE);
    for (const half of ['<main>half', '<main>half<!-- /ftp-pass']) {
      const raw = await cgi.recorder(
        `HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n<html><!-- ftp-passive:body -->${half}`,
      );
      assert.equal(
        (await cgi.run({})).body.toString(),
        `<html><body>WHM menu ${half} WHM footer</body></html>`,
      );
      raw.close();
    }
  });

  it('takes WHM’s page also when it is given back and not printed', async () => {
    for (const returned of ['( 1, \\"[$input->{data}{body}]" )', '( 1, "[$input->{data}{body}]" )']) {
      const text = `package Cpanel::Template; sub process_template { my ( $service, $input ) = @_; return ${returned} } 1;`;
      cgi.module('Cpanel/Template.pm', text);
      assert.match((await cgi.run({})).body.toString(), /^\[[^]*<h1>[^]*\]$/);
    }
  });

  it('shows the daemon’s whole document when WHM’s page cannot be drawn', async () => {
    const broken = [
      'package Cpanel::Template; sub process_template { print "half"; die "no such template" } 1;',
      'package Cpanel::Template; sub process_template { print "<html>an error page"; return 1 } 1;',
      'package Cpanel::Template; sub process_template { return ( 0, undef ) } 1;',
      'syntax error here',
    ];
    for (const text of broken) {
      cgi.module('Cpanel/Template.pm', text);
      const { body, headers } = await cgi.run({});
      assert.match(body.toString(), /^<!DOCTYPE html>[^]*<\/html>\s*$/, text);
      assert.match(headers['content-security-policy'] ?? '', /^default-src 'none';script-src 'self'/);
    }
  });

  it('says what to do when the daemon does not answer, and ends well', async () => {
    await house.close();
    const { status, body, exit, errors } = await cgi.run({});
    assert.equal(status, '503 Service Unavailable');
    assert.match(body.toString(), /daemon does not answer\. As root: systemctl restart ftp-passive\.socket/);
    assert.deepEqual([exit, errors], [0, '']);
    for (const answer of ['', 'HTTP/1.1 200', 'nonsense\r\n\r\n', 'x'.repeat(100_000)]) {
      const raw = await cgi.recorder(answer);
      assert.equal((await cgi.run({})).status, '503 Service Unavailable', answer.slice(0, 20));
      raw.close();
    }
    house = await openHouse(desk);
  });

  it('says so too when the daemon takes the request and stays silent', async () => {
    const held = createServer().listen(join(cgi.folder, 'held.sock'));
    await once(held, 'listening');
    held.on('connection', (socket) => socket.on('error', () => undefined));
    try {
      cgi.install(join(cgi.folder, 'held.sock'), 1);
      for (const mode of ['navigate', 'cors']) {
        const { status, exit, errors } = await cgi.run({ HTTP_SEC_FETCH_MODE: mode });
        assert.deepEqual([status, exit, errors], ['503 Service Unavailable', 0, ''], mode);
      }
    } finally {
      held.close();
    }
  });

  it('says nothing of connections to WHM', async () => {
    const raw = await cgi.recorder(
      'HTTP/1.1 404 Not Found\r\nConnection: close\r\nKeep-Alive: timeout=5\r\nDate: now\r\nX-Run-Next: 7\r\n' +
        'Content-Type: text/plain\r\n\r\nbody',
    );
    const { status, headers, body } = await cgi.run({});
    assert.equal(status, '404 Not Found');
    assert.deepEqual(headers, { status: '404 Not Found', 'x-run-next': '7', 'content-type': 'text/plain' });
    assert.equal(body.toString(), 'body');
    raw.close();
  });
});

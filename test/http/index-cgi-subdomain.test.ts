import assert from 'node:assert/strict';
import { openCgi, type Cgi } from './cgi.ts';

const ANSWER = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n';
const BEHIND = { REMOTE_ADDR: '127.0.0.1', HTTP_HOST: '127.0.0.1:2086' };

describe('index.cgi behind WHM’s service subdomain', () => {
  let cgi: Cgi;

  beforeEach(() => (cgi = openCgi()));
  afterEach(() => cgi.remove());

  async function told(environment: Readonly<Record<string, string>>): Promise<string> {
    const raw = await cgi.recorder(ANSWER);
    const { errors } = await cgi.run(environment);
    raw.close();
    assert.equal(errors, '');
    const lines = raw.heard().split('\r\n');
    return ['address', 'host']
      .map((name) => lines.find((line) => line.startsWith(`x-whm-${name}: `))?.split(': ')[1] ?? '-')
      .join(' ');
  }

  it('tells the visitor’s address and host, as the server’s own web server saw them', async () => {
    const headers = { HTTP_X_FORWARDED_FOR: '198.51.100.20', HTTP_X_FORWARDED_HOST: 'whm.server.example' };
    assert.equal(await told({ ...BEHIND, ...headers }), '198.51.100.20 whm.server.example');
    const lied = {
      HTTP_X_FORWARDED_FOR: '192.0.2.1, 2001:db8:2::20',
      HTTP_X_FORWARDED_HOST: 'evil.example, whm.server.example',
    };
    assert.equal(await told({ ...BEHIND, ...lied }), '2001:db8:2::20 whm.server.example');
    const kept = { ...BEHIND, ...headers, HTTP_HOST: 'whm.server.example' };
    assert.equal(await told(kept), '198.51.100.20 whm.server.example');
  });

  it('does not believe those headers from anywhere else', async () => {
    const forged = { HTTP_X_FORWARDED_FOR: '127.0.0.1', HTTP_X_FORWARDED_HOST: 'evil.example' };
    assert.equal(await told(forged), '198.51.100.20 server.example:2087');
    assert.equal(
      await told({ ...forged, HTTP_HOST: 'localhost.evil.example' }),
      '198.51.100.20 localhost.evil.example',
    );
  });

  it('goes without them, and without PATH_INFO or with it', async () => {
    assert.equal(await told(BEHIND), '127.0.0.1 127.0.0.1:2086');
    assert.equal(
      await told({ ...BEHIND, HTTP_X_FORWARDED_FOR: ' ', HTTP_X_FORWARDED_HOST: '' }),
      '127.0.0.1 127.0.0.1:2086',
    );
    const raw = await cgi.recorder(ANSWER);
    await cgi.run({ QUERY_STRING: 'r=runs', PATH_INFO: '/apply', PATH_TRANSLATED: '/x' });
    raw.close();
    assert.match(raw.heard(), /^GET \/runs HTTP\/1\.0\r\n/);
  });
});

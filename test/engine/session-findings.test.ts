import assert from 'node:assert/strict';
import { conf } from '../ftp/servers.ts';
import { startServer } from './server.ts';
import { idsOf, said, told } from './told.ts';

describe('findings about sessions', () => {
  const stock = `${conf('stock')}MaxClientsNumber 2\n`;

  it('name a server on which as many are open as are allowed', async () => {
    const server = startServer({ conf: stock });
    server.sockets.open.push(21, 50000);
    assert.ok(!idsOf(await told(server)).includes('server-full'));
    server.sockets.open.push(21);
    const [level, fact] = said(await told(server), 'server-full');
    assert.equal(level, 'warn');
    assert.equal(
      fact,
      '2 sessions are open on port 21, and 2 clients are served at once (MaxClientsNumber 2); the next one is turned away.',
    );
  });
});

import assert from 'node:assert/strict';
import { makePlan } from '../../src/engine/planning.ts';
import { proftpdConf } from '../ftp/servers.ts';
import { run } from './applying.ts';
import { settings, startServer } from './server.ts';
import { idsOf, the } from './told.ts';

describe('the notes of a plan', () => {
  it('count the sessions that a restart cuts', async () => {
    const server = startServer();
    server.sockets.open.push(21, 2087, 21, 50000, 22);
    const { fact, level } = the((await makePlan(server.ports, settings())).notes, 'sessions-open');
    assert.deepEqual([level, fact], ['info', '2 sessions are open now; they will be cut.']);
    server.sockets.open.splice(0, 5, 21);
    const { notes } = await makePlan(server.ports, settings());
    assert.equal(the(notes, 'sessions-open').fact, '1 session is open now; it will be cut.');
  });

  it('do not make it another plan', async () => {
    const server = startServer();
    const { id } = await makePlan(server.ports, settings());
    server.sockets.open.push(21);
    assert.equal((await makePlan(server.ports, settings())).id, id);
  });

  it('say nothing of sessions where nothing restarts', async () => {
    const server = startServer();
    server.sockets.open.push(21);
    const firewall = await makePlan(server.ports, settings({ only: 'firewall' }));
    assert.ok(!idsOf(firewall.notes).includes('sessions-open'));
    await run(server);
    assert.ok(!idsOf((await makePlan(server.ports, settings())).notes).includes('sessions-open'));
  });

  it('say what ProFTPD will tell on each address', async () => {
    const server = startServer({ config: 'ftpserver=proftpd\n', addresses: ['10.0.0.6', '10.0.0.7'] });
    server.daemon.running = false;
    server.disk.put('/var/cpanel/cpnat', '10.0.0.5 203.0.113.10\n10.0.0.6 203.0.113.11\n10.0.0.7\n');
    server.disk.put('/etc/proftpd.conf', proftpdConf('hosts'));
    const { notes } = await makePlan(server.ports, settings());
    const { fact, level } = the(notes, 'dedicated-each');
    assert.equal(level, 'info');
    assert.match(fact, /^Clients will be told 203\.0\.113\.11 on 10\.0\.0\.6: it is written into their/);
  });
});

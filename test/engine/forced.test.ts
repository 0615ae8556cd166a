import assert from 'node:assert/strict';
import { findLateEdits } from '../../src/engine/conflict.ts';
import { takeBack } from '../../src/engine/undo.ts';
import { CONF, LOCAL } from '../ftp/cpanel.ts';
import { run } from './applying.ts';
import { openLog } from './log.ts';
import { startServer } from './server.ts';

describe('an undo by force', () => {
  it('puts the saved bytes back over every later edit, and shows what is lost', async () => {
    const server = startServer({ local: 'TLS: 1\n' });
    const before = server.state();
    const { plan, log } = await run(server);
    server.disk.put(LOCAL, 'TLS: 2\n');
    server.disk.put(CONF, 'TLS 3\n');
    const edits = await findLateEdits(server.ports, log.entries);
    assert.deepEqual(edits.map(({ path }) => path).sort(), [CONF, LOCAL].sort());
    const said = openLog('u1');
    assert.equal(await takeBack(server.ports, plan, log.entries, said, true), null);
    assert.deepEqual(server.state(), before);
    assert.ok(said.said.includes('# These later edits are lost:'));
    assert.ok(said.said.includes('+TLS: 2') && said.said.includes('+TLS 3'));
    assert.deepEqual(await findLateEdits(server.ports, log.entries), []);
  });

  it('says nothing of losses where nobody has edited anything', async () => {
    const server = startServer();
    const before = server.state();
    const { plan, log } = await run(server);
    const said = openLog('u1');
    assert.equal(await takeBack(server.ports, plan, log.entries, said, true), null);
    assert.deepEqual(server.state(), before);
    assert.ok(!said.said.some((line) => line.includes('edits are lost')));
  });
});

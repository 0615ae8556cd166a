import assert from 'node:assert/strict';
import { conf } from '../ftp/servers.ts';
import { RULES, startServer } from './server.ts';
import { idsOf, said, told } from './told.ts';

describe('the control port', () => {
  it('is named where the firewall keeps strangers away from it', async () => {
    const found = await told(startServer({ rules: RULES.replace('{ 21, 22, 2087 }', '{ 22, 2087 }') }));
    assert.deepEqual(said(found, 'control-port-blocked'), [
      'warn',
      'In a copy of the rules a client that no rule names does not reach port 21 over IPv4 and IPv6; it is stopped by: inet filter input: reject.',
    ]);
    assert.ok(!idsOf(await told(startServer())).includes('control-port-blocked'));
  });

  it('is the one that the server has, which may be another one than 21', async () => {
    const server = startServer({ conf: `${conf('stock')}Bind 2121\n` });
    const found = await told(server);
    assert.match(said(found, 'control-port-blocked')[1], /does not reach port 2121 /);
    assert.equal(said(found, 'control-port')[0], 'info');
  });

  it('is not asked about where only FTP is looked at, nor where FTP is off', async () => {
    const rules = RULES.replace('{ 21, 22, 2087 }', '{ 22, 2087 }');
    for (const findings of [
      await told(startServer({ rules }), { only: 'ftp' }),
      await told(startServer({ rules, config: 'ftpserver=disabled\n' })),
    ])
      assert.ok(!idsOf(findings).includes('control-port-blocked'));
  });
});

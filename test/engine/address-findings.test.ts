import assert from 'node:assert/strict';
import { conf } from '../ftp/servers.ts';
import { startServer } from './server.ts';
import { idsOf, said, told } from './told.ts';

const ELSEWHERE = conf('nat').replace('203.0.113.10', '198.51.100.9');

describe('findings about the address', () => {
  it('name a public address that NAT does not map any more, and what is told instead', async () => {
    const found = await told(startServer({ conf: ELSEWHERE, local: 'ForcePassiveIP: 198.51.100.9\n' }));
    assert.deepEqual(said(found, 'address-former'), [
      'warn',
      "The FTP server's settings name 198.51.100.9, and no line of /var/cpanel/cpnat has it: it may be that of before a move. cPanel keeps an address that is set and does not follow a new one.",
    ]);
    assert.ok(idsOf(found).includes('address-wrong'));
  });

  it('name one of another server where there is no NAT', async () => {
    const [, fact] = said(await told(startServer({ nat: false, conf: ELSEWHERE })), 'address-former');
    assert.match(fact, /198\.51\.100\.9, and no interface of this server has it/);
  });

  it('do not call former what the map has, what is held, what is wished or what is private', async () => {
    const former = async (text: string, passiveAddress = 'auto', nat = true): Promise<boolean> =>
      idsOf(await told(startServer({ conf: text, nat }), { passiveAddress })).includes('address-former');
    assert.equal(await former(conf('nat')), false);
    assert.equal(await former(conf('nat'), 'auto', false), false);
    assert.equal(await former(ELSEWHERE, '198.51.100.9'), false);
    assert.equal(await former(conf('nat').replace('203.0.113.10', '192.168.1.1')), false);
    assert.equal(await former(ELSEWHERE), true);
  });
});

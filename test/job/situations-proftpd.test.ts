import assert from 'node:assert/strict';
import type { Finding } from '../../src/core/finding.ts';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { cli, findingOf, json, rules, shell } from './scene.ts';

const CONF = '/etc/proftpd.conf';
const LOCAL = '/var/cpanel/conf/proftpd/local';

describe('in its situation a server with ProFTPD', function () {
  this.timeout(120_000);
  let sandbox: Sandbox;

  before(async () => {
    sandbox = await startSandbox({ ftp: 'proftpd' });
    const { code, stderr } = await cli(sandbox.server, 'apply', '--yes');
    assert.equal(code, 0, stderr);
  });
  after(() => sandbox.stop());

  const run = (script: string): Promise<string> => shell(sandbox.server, script);
  const finding = (id: string): Promise<Finding | undefined> => findingOf(sandbox.server, id);

  it('that tells clients with TLS another address is mended', async () => {
    await run(`cp -p ${CONF} /root/conf; echo 'TLSMasqueradeAddress 198.51.100.7' >>${CONF}`);
    assert.match(
      (await finding('conf-tls-address'))?.fact ?? '',
      /says TLSMasqueradeAddress 198\.51\.100\.7,/,
    );
    assert.equal((await cli(sandbox.server, 'apply', '--yes')).code, 0);
    assert.equal(await finding('conf-tls-address'), undefined);
    assert.equal(await run(`cat ${CONF}`), await run('cat /root/conf'));
    assert.equal((await json(sandbox.server, 'status')).document.ok, true);
  });

  it('that includes a file with passive settings is told which one', async () => {
    await run(
      `cp -p ${CONF} /root/conf; echo 'Include /etc/proftpd/*.inc' >>${CONF}; echo 'MasqueradeAddress 192.0.2.1' >/etc/proftpd/own.inc`,
    );
    assert.match(
      (await finding('conf-include'))?.fact ?? '',
      /includes \/etc\/proftpd\/own\.inc, which says MasqueradeAddress 192\.0\.2\.1\. /,
    );
    await run(`cp -p /root/conf ${CONF}; rm /etc/proftpd/own.inc`);
  });

  it('whose settings cPanel does not take is put back, and told where they are', async () => {
    const { server } = sandbox;
    const before = [await run(`cat ${CONF}`), await rules(server)];
    // The server would refuse it, but so far it stands in the store alone.
    await run(`echo 'TLSOptions: NoSuchOption' >>${LOCAL}`);
    const { code, document } = await json(server, 'apply', '--yes', '--range', '50000-51000');
    assert.deepEqual([code, document.state], [1, 'undone']);
    // A failed start makes cPanel try again, so there may be several; the first holds what was there before.
    const [path = ''] = (await run(`ls ${CONF}.INVALID-*`)).split('\n');
    const told = document.problem?.message ?? '';
    assert.ok(
      told.startsWith(`cPanel did not take the settings: it put them aside as ${path} and wrote`),
      told,
    );
    assert.deepEqual([await run(`cat ${CONF}`), await rules(server)], before);
    assert.equal((await json(server, 'status')).document.ftp.running, true);
    assert.ok((await finding('conf-set-aside'))?.fact.startsWith(path));
  });
});

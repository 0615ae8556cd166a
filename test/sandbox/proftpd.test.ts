import assert from 'node:assert/strict';
import { writeFiles } from './files.ts';
import { ADDRESS } from './lab.ts';
import { type Ended, ok } from './machine.ts';
import { type Sandbox, startSandbox } from './sandbox.ts';
import { probe, transfer } from './transfer.ts';

const SETUP = '/usr/local/cpanel/scripts/setupftpserver';
const BUILD_CONF = '/usr/local/cpanel/bin/build_ftp_conf';
const LOCAL = '/var/cpanel/conf/proftpd/local';
const MAIN = '/var/cpanel/conf/proftpd/main';
const CONF = '/etc/proftpd.conf';

describe('sandbox with ProFTPD', function () {
  this.timeout(60_000);
  let sandbox: Sandbox;

  before(async () => {
    sandbox = await startSandbox({ ftp: 'proftpd', firewall: 'none' });
  });
  after(() => sandbox.stop());

  const run = (...argv: string[]): Promise<Ended> => sandbox.server.run(argv);
  const read = (path: string): Promise<string> => ok(run('cat', path));
  const build = async (local: string): Promise<string> => {
    await writeFiles(sandbox.server, { [LOCAL]: { text: local } });
    await run('rm', '-f', `${LOCAL}.cache`);
    await ok(run(BUILD_CONF));
    return read(CONF);
  };

  it('tells clients the address of a former provider', async () => {
    assert.equal(await ok(run(SETUP, '--current')), 'Current FTP server type: proftpd\n');
    const { pasv, epsv } = await probe(sandbox.client);
    assert.match(pasv?.reply ?? '', /^227 .*\(203,0,113,99,\d+,\d+\)\.$/);
    assert.equal(pasv?.data, 'unreachable');
    assert.equal(epsv?.data, 'open');
  });

  it('renders the stores: the ports inside <Global>, the address at server level', async () => {
    const conf = await build(`PassivePorts: 50000 50100\nMasqueradeAddress: ${ADDRESS.public}\n`);
    assert.match(conf, /<Global>\n {4}PassivePorts 50000 50100\n/);
    assert.match(conf, /^MasqueradeAddress 203\.0\.113\.10$/m);
    assert.match(await read(MAIN), /^PassivePorts: 50000 50100$/m);
    assert.match(await build(''), /PassivePorts 50000 50100/, 'main takes in local');
  });

  it('lets the transfer succeed when range and address are right, over PASV and EPSV', async () => {
    await build(`PassivePorts: 50000 50100\nMasqueradeAddress: ${ADDRESS.public}\n`);
    const printed = await ok(run(SETUP, 'proftpd', '--force'));
    assert.match(printed, /proftpd \(proftpd \(SERVER\)\) is running as root with PID \d+/);
    const { pasv } = await probe(sandbox.client);
    assert.equal(pasv?.address, ADDRESS.public);
    assert.ok(pasv.port !== null && pasv.port >= 50000 && pasv.port <= 50100);
    for (const mode of ['PASV', 'EPSV'] as const) {
      for (const judge of ['curl', 'lftp'] as const) {
        const { ok: done, sent, received, why } = await transfer(sandbox.client, judge, mode);
        assert.ok(done, `${judge} ${mode}: ${why}`);
        assert.equal(received, sent);
      }
    }
    assert.ok((await transfer(sandbox.client, 'curl', 'EPSV', ADDRESS.ipv6)).ok);
  });

  it('takes an FTP account at once that was just made', async () => {
    const uapi = ['/usr/local/cpanel/bin/uapi', '--output=json', '--user=alice', 'Ftp'];
    await ok(run(...uapi, 'add_ftp', 'user=probe', 'pass=secret', 'homedir=probe', 'quota=0'));
    const login = { name: 'probe@alice.example.com', password: 'secret' };
    assert.equal((await probe(sandbox.client, ADDRESS.public, login)).pasv?.reply.slice(0, 3), '227');
  });

  it('adds the public address by itself where NAT maps the main one and no line tells any', async () => {
    const conf = (await read(CONF)).replace(/^MasqueradeAddress.*\n/m, '');
    await writeFiles(sandbox.server, { [CONF]: { text: conf }, [MAIN]: { text: '---\n' } });
    await run('rm', '-f', `${MAIN}.cache`);
    assert.match(await build(''), /\nMasqueradeAddress 203\.0\.113\.10\n$/);
  });

  it('makes a line without a value of ~, and puts the default in the place of what ProFTPD refuses', async () => {
    const conf = (await read(CONF)).replace(/^MasqueradeAddress.*\n/m, 'Umask 077\n');
    await writeFiles(sandbox.server, { [CONF]: { text: conf }, [MAIN]: { text: '---\n' } });
    await run('rm', '-f', `${MAIN}.cache`, '/var/cpanel/cpnat');
    assert.match(await build('MasqueradeAddress: ~\n'), /^MasqueradeAddress $/m);
    const aside = await ok(run('sh', '-c', `cat ${CONF}.INVALID-validity.*`));
    assert.match(aside, /^Umask 077\n/m);
    assert.match(aside, /^MasqueradeAddress $/m);
  });
});

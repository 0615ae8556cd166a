import assert from 'node:assert/strict';
import { writeFiles } from './files.ts';
import { ADDRESS } from './lab.ts';
import { type Ended, ok } from './machine.ts';
import { type Sandbox, startSandbox } from './sandbox.ts';
import { probe } from './transfer.ts';

const SETUP = '/usr/local/cpanel/scripts/setupftpserver';
const BUILD_CONF = '/usr/local/cpanel/bin/build_ftp_conf';
const LOCAL = '/var/cpanel/conf/pureftpd/local';
const MAIN = '/var/cpanel/conf/pureftpd/main';

describe('stand-ins', function () {
  this.timeout(60_000);
  let sandbox: Sandbox;

  before(async () => {
    sandbox = await startSandbox();
  });
  after(() => sandbox.stop());

  const run = (...argv: string[]): Promise<Ended> => sandbox.server.run(argv);
  const read = (path: string): Promise<string> => ok(run('cat', path));
  const build = async (local: string): Promise<void> => {
    await writeFiles(sandbox.server, { [LOCAL]: { text: local } });
    await run('rm', '-f', `${LOCAL}.cache`);
    await ok(run(BUILD_CONF));
  };

  describe('setupftpserver', () => {
    it('says which server is current', async () => {
      assert.equal(await ok(run(SETUP, '--current')), 'Current FTP server type: pure-ftpd\n');
    });

    it('refuses a server it does not know', async () => {
      const { code, stdout } = await run(SETUP, 'vsftpd');
      assert.equal(code, 1);
      assert.match(stdout, /^Usage: /);
    });

    it('stops and starts the daemon, and prints coloured lines', async () => {
      const pid = await read('/run/pure-ftpd.pid');
      const printed = await ok(run(SETUP, 'pure-ftpd', '--force'));
      assert.notEqual(await read('/run/pure-ftpd.pid'), pid);
      assert.match(printed, /Disabling Chksrvd monitoring\n.*FTP server conversion complete\n$/s);
      assert.ok(printed.includes('\u001b[32m'));
    });

    it('exits 0 although the daemon did not start', async () => {
      await build('PassivePortRange: 49152-65534\n');
      const { code, stdout } = await run(SETUP, 'pure-ftpd', '--force');
      assert.equal(code, 0);
      assert.match(stdout, /ftpd has failed/);
      await assert.rejects(probe(sandbox.client), /port 21/);
      await build('PassivePortRange: 49152 65534\nForcePassiveIP: ~\n');
      await ok(run(SETUP, 'pure-ftpd', '--force'));
    });

    it('runs once at a time', async () => {
      const first = run(SETUP, 'pure-ftpd', '--force');
      await ok(run('sh', '-c', 'while [ ! -s /run/setupftpserver.pid ]; do sleep 0.02; done'));
      const second = await run(SETUP, 'pure-ftpd', '--force');
      assert.equal(second.code, 1);
      assert.match(second.stdout, /already running/);
      await ok(first);
      assert.equal((await run('test', '-e', '/run/setupftpserver.pid')).code, 1);
    });
  });

  describe('build_ftp_conf', () => {
    it('lets local override main, and main takes in local', async () => {
      await build('PassivePortRange: 50000 50100\n');
      assert.match(await read('/etc/pure-ftpd.conf'), /^PassivePortRange +50000 50100$/m);
      assert.match(await read(MAIN), /^PassivePortRange: 50000 50100$/m);
      await build('');
      assert.match(await read('/etc/pure-ftpd.conf'), /^PassivePortRange +50000 50100$/m);
    });

    it('comments a null key out, and takes an address only from the NAT map', async () => {
      await build(`ForcePassiveIP: ${ADDRESS.public}\n`);
      assert.match(await read('/etc/pure-ftpd.conf'), /^ForcePassiveIP +203\.0\.113\.10$/m);
      await build('ForcePassiveIP: ~\n');
      assert.match(await read('/etc/pure-ftpd.conf'), /^# ForcePassiveIP/m);
      await build('ForcePassiveIP: 192.0.2.1\n');
      assert.match(await read('/etc/pure-ftpd.conf'), /^ForcePassiveIP +203\.0\.113\.10$/m);
    });

    it('ignores a broken store without a word', async () => {
      await build('PassivePortRange: 50000 50100\n');
      await writeFiles(sandbox.server, { [LOCAL]: { text: 'PassivePortRange: 50200 50300\nnonsense\n' } });
      await run('rm', '-f', `${LOCAL}.cache`);
      const { code, stderr } = await run(BUILD_CONF);
      assert.deepEqual([code, stderr], [0, '']);
      assert.match(await read('/etc/pure-ftpd.conf'), /^PassivePortRange +50000 50100$/m);
    });

    it('believes a cache that is not older than its store', async () => {
      await build('PassivePortRange: 50000 50100\n');
      await writeFiles(sandbox.server, { [LOCAL]: { text: 'PassivePortRange: 50200 50300\n' } });
      await ok(run('touch', '-d', '-1 hour', LOCAL));
      await ok(run(BUILD_CONF));
      assert.match(await read('/etc/pure-ftpd.conf'), /^PassivePortRange +50000 50100$/m);
      await run('rm', '-f', `${LOCAL}.cache`);
      await ok(run(BUILD_CONF));
      assert.match(await read('/etc/pure-ftpd.conf'), /^PassivePortRange +50200 50300$/m);
    });

    it('comments out what stands twice in the live file', async () => {
      const conf = await read('/etc/pure-ftpd.conf');
      await writeFiles(sandbox.server, { '/etc/pure-ftpd.conf': { text: `${conf}PassivePortRange 1 2\n` } });
      await build('PassivePortRange: 49152 65534\n');
      assert.match(await read('/etc/pure-ftpd.conf'), /^# PassivePortRange 1 2$/m);
    });
  });

  describe('uapi', () => {
    const uapi = async (...argv: string[]): Promise<{ status: number; errors: string[] | null }> => {
      const { result } = JSON.parse(
        await ok(run('/usr/local/cpanel/bin/uapi', '--output=json', '--user=alice', 'Ftp', ...argv)),
      ) as {
        result: { status: number; errors: string[] | null };
      };
      return result;
    };

    it('makes an FTP account that can log in at once, and removes it', async () => {
      const { status, errors } = await uapi(
        'add_ftp',
        'user=probe',
        'pass=p%20w',
        'homedir=probe',
        'quota=0',
      );
      assert.deepEqual([status, errors], [1, null]);
      const login = { name: 'probe@alice.example.com', password: 'p w' };
      assert.equal((await probe(sandbox.client, ADDRESS.public, login)).pasv?.reply.slice(0, 3), '227');
      assert.equal((await uapi('delete_ftp', 'user=probe', 'destroy=1')).status, 1);
      assert.doesNotMatch(await read('/etc/proftpd/passwd.vhosts'), /^probe@/m);
      assert.equal((await run('test', '-e', '/home/alice/probe')).code, 1);
    });

    it('says with status 0 what it cannot do', async () => {
      const { status, errors } = await uapi('delete_ftp', 'user=nobody');
      assert.equal(status, 0);
      assert.match(errors?.[0] ?? '', /does not exist/);
    });
  });

  describe('whmapi1', () => {
    it('replaces all privileges of a reseller, and leaves out what no driver brings', async () => {
      const whmapi1 = '/usr/local/cpanel/bin/whmapi1';
      const before = await read('/var/cpanel/resellers');
      const set = ['acl-list-pkgs=1', 'acl-software-unknown=1'];
      const said = await ok(run(whmapi1, '--output=json', 'setacls', 'reseller=rita', ...set));
      const { data, metadata } = JSON.parse(said) as {
        data: { acl: string[] };
        metadata: { result: number };
      };
      assert.deepEqual([data.acl, metadata.result], [['list-pkgs'], 1]);
      assert.match(before, /^rita:create-acct,list-accts$/m);
      assert.match(await read('/var/cpanel/resellers'), /^rita:list-pkgs$/m);
      const refused = await ok(run(whmapi1, '--output=json', 'setacls', 'reseller=nobody', ...set));
      assert.match(refused, /"result":0/);
    });
  });

  describe('systemctl', () => {
    const unit = (name: string, text: string): Promise<void> =>
      writeFiles(sandbox.server, { [`/etc/systemd/system/${name}`]: { text } });

    it('starts a service when somebody connects to its socket, and again after it left', async () => {
      await unit(
        'greet.socket',
        '[Socket]\nListenStream=/run/greet/sock\nSocketMode=0600\nDirectoryMode=0700\n[Install]\nWantedBy=sockets.target\n',
      );
      const program = `socket S, 1, 1, 0; open S, "<&=3"; accept C, S; print C "$ENV{LISTEN_FDS} ", $ENV{LISTEN_PID} == $$ ? "mine" : "not"`;
      await unit('greet.service', `[Service]\nExecStart=/usr/bin/perl /root/greet.pl\n`);
      await writeFiles(sandbox.server, { '/root/greet.pl': { text: `${program};\n` } });
      await ok(run('systemctl', 'enable', '--now', 'greet.socket'));
      const ask = `use IO::Socket::UNIX; print scalar IO::Socket::UNIX->new(Peer => "/run/greet/sock")->getline`;
      for (const time of ['first', 'second']) assert.equal(await ok(run('perl', '-e', ask)), '1 mine', time);
      assert.equal(await ok(run('stat', '-c', '%a', '/run/greet', '/run/greet/sock')), '700\n600\n');
      assert.equal((await run('systemctl', 'is-active', 'greet.socket')).stdout, 'active\n');
      await ok(run('systemctl', 'disable', '--now', 'greet.socket'));
      assert.equal((await run('systemctl', 'is-enabled', 'greet.socket')).stdout, 'disabled\n');
      assert.equal((await run('systemctl', 'is-active', 'greet.socket')).code, 3);
    });

    it('answers for several units, and for a unit by its other name', async () => {
      await unit(
        'kept.service',
        '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\nAlias=also.service\n',
      );
      await ok(run('systemctl', 'enable', '--now', 'kept'));
      const active = await run('systemctl', 'is-active', 'nothing', 'also', 'ufw');
      assert.deepEqual([active.code, active.stdout], [0, 'inactive\nactive\ninactive\n']);
      assert.equal((await run('systemctl', 'is-active', 'ufw')).code, 3);
      assert.equal((await run('systemctl', 'is-active', 'nothing')).code, 4);
      const enabled = await run('systemctl', 'is-enabled', 'ufw', 'also', 'kept', 'nothing', 'kept');
      assert.deepEqual([enabled.code, enabled.stdout], [1, 'disabled\nalias\nenabled\n']);
      assert.match(enabled.stderr, /unit file state for nothing\.service/);
      assert.equal((await run('systemctl', 'is-enabled', 'ufw', 'kept')).code, 0);
      const shown = await run(
        'systemctl',
        'show',
        '-p',
        'Id,UnitFileState',
        '--property=LoadState',
        'also',
        'nothing',
      );
      assert.equal(
        shown.stdout,
        'Id=kept.service\nLoadState=loaded\nUnitFileState=enabled\n\nId=nothing.service\nLoadState=not-found\nUnitFileState=\n',
      );
      await ok(run('systemctl', 'disable', '--now', 'kept'));
      assert.equal((await run('systemctl', 'is-active', 'also')).code, 4);
    });

    it('knows no unit that is not on disk', async () => {
      assert.equal((await run('systemctl', 'start', 'nothing')).code, 5);
      assert.equal((await run('systemctl', 'is-enabled', 'nothing')).code, 1);
    });
  });
});

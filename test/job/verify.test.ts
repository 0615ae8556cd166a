import assert from 'node:assert/strict';
import type { Check } from '../../src/core/check.ts';
import { CHECKOUT } from '../sandbox/machine.ts';
import type { FtpName } from '../sandbox/packages.ts';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { cli, json, shell } from './scene.ts';

const PROGRAM = `${CHECKOUT}/plugin/bin/ftp-passive`;
const WRONG = 'not-the-password-9b1f';

interface Verified {
  readonly code: number | null;
  readonly checks: readonly Check[];
  readonly text: string;
}

const ids = (checks: readonly Check[], result: Check['result']): string[] =>
  checks.filter((check) => check.result === result).map(({ id }) => id);
const factOf = (checks: readonly Check[], id: string): string =>
  checks.find((check) => check.id === id)?.fact ?? assert.fail(`there is no check ${id}`);

/** Runs verify; `stdin` is what a script pipes into it. */
async function verify(sandbox: Sandbox, argv: readonly string[] = [], stdin = ''): Promise<Verified> {
  const argvs = [PROGRAM, 'verify', '--json', ...argv];
  const { code, stdout, stderr } = await sandbox.server.run(argvs, { stdin, timeoutMs: 60_000 });
  assert.equal(stderr, '');
  const { ok, checks } = JSON.parse(stdout) as { ok: boolean | null; checks: Check[] };
  assert.equal(code, ok === null ? 3 : ok ? 0 : 1);
  return { code, checks, text: stdout };
}

/** Puts lines behind the daemon's file or changes them, and starts it again; cPanel's stores stay. */
async function reconfigure(sandbox: Sandbox, script: string): Promise<void> {
  await shell(sandbox.server, `${script}\n/usr/local/cpanel/scripts/restartsrv_ftpd >/dev/null`);
}

const CONF: Readonly<Record<FtpName, string>> = {
  'pure-ftpd': '/etc/pure-ftpd.conf',
  proftpd: '/etc/proftpd.conf',
};
const FURTHER = ['10.0.0.6', '10.0.0.7'];

for (const ftp of ['pure-ftpd', 'proftpd'] as const) {
  describe(`verify on a server with ${ftp} and three addresses behind NAT`, function () {
    this.timeout(120_000);
    let sandbox: Sandbox;
    const conf = CONF[ftp];

    before(async () => {
      sandbox = await startSandbox({ ftp, dedicated: true, layout: 'inet-input', persist: 'debian' });
      const applied = await cli(sandbox.server, 'apply', '--yes');
      assert.equal(applied.code, 0, applied.stderr);
      await shell(sandbox.server, `cp -p ${conf} /root/conf`);
    });
    afterEach(() => reconfigure(sandbox, `cp -p /root/conf ${conf}`));
    after(() => sandbox.stop());

    it('proves each address by itself, and says what it could not', async () => {
      const { code, checks } = await verify(sandbox);
      const expected =
        ftp === 'proftpd' ? [] : FURTHER.flatMap((at) => [`pasv-address@${at}`, `tls-pasv-address@${at}`]);
      assert.deepEqual(ids(checks, 'fail'), expected);
      assert.deepEqual([code, ids(checks, 'skip')], [ftp === 'proftpd' ? 0 : 1, ['pasv-advertised']]);
      assert.match(factOf(checks, 'pasv-advertised'), /^Not provable from here: .*203\.0\.113\.10:\d+: /);
      assert.match(factOf(checks, 'pasv-address'), /^227 .*\(203,0,113,10,/);
      if (ftp === 'pure-ftpd')
        assert.match(
          factOf(checks, 'pasv-address@10.0.0.6'),
          /^Told 203\.0\.113\.10: 227 [^]*Pure-FTPd tells one/,
        );
      else assert.match(factOf(checks, 'pasv-address@10.0.0.6'), /^227 .*\(203,0,113,11,/);
      for (const id of [
        'epsv-data@10.0.0.7',
        'tls-epsv-data@10.0.0.6',
        'ipv6-epsv-data',
        'ipv6-tls-epsv-data',
      ])
        assert.match(factOf(checks, id), /^\d+ bytes from port \d+; 226/);
      assert.match(
        factOf(checks, 'tls-control'),
        /234 AUTH TLS .*TLSv1\.3; certificate CN=server\.example\.com/,
      );
      assert.match(factOf(checks, 'pasv-port'), /^20 tries, ports \d+ to \d+\.$/);
      for (const id of ['download', 'tls-download'])
        assert.match(factOf(checks, id), /^50000 of 50000 bytes from port \d+; 226/);
    });

    it('leaves no session, no login and no file behind', async () => {
      await verify(sandbox);
      const sessions = `awk '$4 == "01" && $2 ~ /:0015$/' /proc/net/tcp /proc/net/tcp6`;
      const files = 'find /home/alice -type f';
      const logins = 'grep ftp-passive-check /etc/proftpd/passwd.vhosts || :';
      assert.equal(await shell(sandbox.server, `${sessions}; ${files}; ${logins}`), '');
    });

    it('groups the checks by address for people', async () => {
      const { stdout } = await cli(sandbox.server, 'verify');
      const heads = stdout.split('\n').filter((line) => /^\S/.test(line));
      const addresses = FURTHER.map((address) => `Address ${address}`);
      assert.deepEqual(heads, ['Settings', 'Main address', 'IPv6', ...addresses, 'Firewall']);
    });

    it('takes a login from standard input, and keeps it nowhere', async () => {
      const { name, password } = sandbox.ftpUser;
      const { checks, text } = await verify(sandbox, ['--login', name], `${password}\nmore\n`);
      assert.match(factOf(checks, 'login'), new RegExp(`^230 `));
      assert.equal(checks.find(({ id }) => id === 'tls-download')?.result, 'pass');
      assert.ok(!text.includes(password));
      const kept = await sandbox.server.run(['grep', '-rlF', password, '/var/lib/whm-ftp-passive', '/home']);
      assert.equal(kept.stdout, '');
    });

    it('fails once for a password that is wrong, and stops', async () => {
      const { code, checks, text } = await verify(sandbox, ['--login', 'alice', '--only', 'ftp'], WRONG);
      assert.deepEqual([code, ids(checks, 'fail'), ids(checks, 'skip')], [1, ['login'], []]);
      assert.match(factOf(checks, 'login'), /^530 /);
      assert.ok(!text.includes(WRONG));
    });

    it('passes over TLS where the server takes nothing else', async () => {
      await reconfigure(
        sandbox,
        ftp === 'pure-ftpd'
          ? `sed -i 's/^TLS .*/TLS 2/' ${conf}`
          : `sed -i 's/^ *TLSRequired .*/TLSRequired on/' ${conf}`,
      );
      const { checks } = await verify(sandbox, ['--only', 'ftp']);
      const fails = ids(checks, 'fail').filter((id) => !/pasv-address@/.test(id));
      assert.deepEqual(fails, []);
      assert.match(factOf(checks, 'login'), /^The server takes logins over TLS only: (421|550)[ -]/);
      assert.ok(!checks.some(({ id }) => id === 'pasv-data'));
      assert.equal(checks.find(({ id }) => id === 'tls-pasv-data')?.result, 'pass');
      assert.equal(checks.find(({ id }) => id === 'tls-pasv-advertised')?.result, 'skip');
    });

    it('says that TLS is off', async () => {
      await reconfigure(
        sandbox,
        ftp === 'pure-ftpd'
          ? `sed -i 's/^TLS .*/TLS 0/' ${conf}`
          : `sed -i 's/TLSEngine on/TLSEngine off/' ${conf}`,
      );
      const { checks } = await verify(sandbox, ['--only', 'ftp']);
      assert.match(factOf(checks, 'tls-control'), /^TLS is off: 5\d\d /);
      assert.ok(ids(checks, 'skip').includes('tls-control@10.0.0.6'));
      assert.equal(checks.find(({ id }) => id === 'download')?.result, 'pass');
    });

    it('names a range whose ports are all taken', async () => {
      await reconfigure(sandbox, `sed -i -E 's/^( *PassivePort(Range|s)) .*/\\1 61000 61001/' ${conf}`);
      const held = sandbox.server.spawn([
        'perl',
        '-MIO::Socket::INET',
        '-e',
        'my @s = map { my $p = $_; IO::Socket::INET->new(Listen => 1, LocalPort => $p) or die } 61000, 61001; $| = 1; print "held\n"; sleep 60',
      ]);
      try {
        await new Promise((resolve) => held.stdout?.once('data', resolve));
        const { checks } = await verify(sandbox, ['--only', 'ftp', '--range', '61000-61001']);
        const fact = factOf(checks, 'pasv-port');
        if (ftp === 'proftpd') assert.match(fact, /^Outside: \d+/);
        else
          assert.match(fact, /^425 .*busy: the range is too small, all 2 ports of 61000-61001 are taken\.$/);
        for (const id of ['pasv-port', 'epsv-port', 'tls-epsv-port', 'epsv-port@10.0.0.7'])
          assert.equal(
            checks.find((check) => check.id === id)?.result,
            'fail',
            `${id}: ${JSON.stringify(checks.filter((each) => each.result !== 'pass'))}`,
          );
      } finally {
        held.kill();
      }
    });

    it('proves what it can where no account is', async () => {
      await shell(sandbox.server, 'mv /var/cpanel/users/alice /root/alice');
      try {
        const { code, checks } = await verify(sandbox);
        assert.deepEqual([code, ids(checks, 'fail')], [3, []]);
        for (const id of ['control', 'guarded', 'tls-control', 'ipv6-tls-control', 'guarded@10.0.0.6'])
          assert.equal(checks.find((check) => check.id === id)?.result, 'pass', id);
        for (const id of ['login', 'pasv-address', 'epsv-data', 'ipv6-login', 'epsv-data@10.0.0.7'])
          assert.match(factOf(checks, id), /^No cPanel account is here/);
      } finally {
        await shell(sandbox.server, 'mv /root/alice /var/cpanel/users/alice');
      }
    });

    if (ftp === 'pure-ftpd') {
      it('says why EPSV is not known in broken clients mode, and apply goes on', async () => {
        const stored = '/var/cpanel/conf/pureftpd/local';
        await shell(
          sandbox.server,
          `cp -p ${stored} /root/local; echo 'BrokenClientsCompatibility: yes' >>${stored}`,
        );
        const { code, document } = await json(sandbox.server, 'apply', '--yes', '--range', '50000-60000');
        assert.deepEqual([code, document.state], [0, 'done'], JSON.stringify(document));
        assert.match(JSON.stringify(document), /EPSV is known: not so\. 500 /);
        const { checks } = await verify(sandbox, ['--only', 'ftp', '--range', '50000-60000']);
        assert.match(factOf(checks, 'epsv'), /^500 .*BrokenClientsCompatibility or NATmode/);
        for (const id of ['pasv-data', 'download', 'tls-download'])
          assert.equal(checks.find((check) => check.id === id)?.result, 'pass', id);
        assert.equal((await cli(sandbox.server, 'undo', '--yes')).code, 0);
        await shell(sandbox.server, `cp -p /root/local ${stored}`);
      });
    } else {
      it('resumes the session of the control connection where the server demands it', async () => {
        await reconfigure(sandbox, `sed -i 's/^ *TLSOptions .*//' ${conf}`);
        const { checks } = await verify(sandbox, ['--only', 'ftp']);
        assert.deepEqual(ids(checks, 'fail'), []);
        assert.equal(checks.find(({ id }) => id === 'tls-download')?.result, 'pass');
      });
    }

    it('says that nothing answers when the server is down', async () => {
      await shell(sandbox.server, '/usr/local/cpanel/scripts/restartsrv_ftpd --stop >/dev/null');
      const { code, document } = await json(sandbox.server, 'verify');
      assert.deepEqual([code, ids(document.checks, 'fail')], [1, ['settings', 'control']]);
      assert.match(factOf(document.checks, 'control'), /^10\.0\.0\.5:21: .*ECONNREFUSED/);
    });
  });
}

import assert from 'node:assert/strict';
import { listener, startServer } from './server.ts';
import { idsOf, said, the, told } from './told.ts';

const MONITORED = '/etc/chkserv.d/chkservd.conf';

describe('findings about the server in use', () => {
  it('say what cPanel’s settings say where FTP is off, and how a person switches it on', async () => {
    const rows: [string, string][] = [
      ['ftpserver=disabled\n', 'says ftpserver=disabled.'],
      ['ftpserver=vsftpd\n', 'says ftpserver=vsftpd.'],
      ['skipftp=0\n', 'has no line ftpserver=, which means that FTP is off.'],
    ];
    for (const [config, says] of rows) {
      const { level, fact, fix } = the(await told(startServer({ config })), 'ftp-disabled');
      assert.deepEqual([level, fact], ['bad', `/var/cpanel/cpanel.config ${says}`]);
      assert.match(fix, /FTP Server Selection, or run \S+setupftpserver pure-ftpd --force/);
    }
  });

  it('name a file that keeps FTP off, which is worse where it does not run', async () => {
    for (const flag of ['/etc/ftpddisable', '/etc/ftpserverdisable', '/etc/pure-ftpddisable']) {
      const server = startServer();
      server.disk.put(flag, '');
      assert.equal(the(await told(server), 'ftp-switched-off-flag').level, 'warn');
      server.daemon.running = false;
      const [level, fact] = said(await told(server), 'ftp-switched-off-flag');
      assert.equal(level, 'bad');
      assert.ok(fact.startsWith(`${flag} exists`), fact);
    }
    const other = startServer();
    other.disk.put('/etc/proftpddisable', '');
    assert.ok(!idsOf(await told(other)).includes('ftp-switched-off-flag'));
  });

  it('name another program on the control port, in the place of the server that is missing', async () => {
    const server = startServer();
    server.daemon.running = false;
    server.sockets.others.push(listener('proftpd', 21, 812));
    const found = await told(server);
    assert.deepEqual(said(found, 'ftp-other-server'), [
      'bad',
      '/var/cpanel/cpanel.config says ftpserver=pure-ftpd, and on port 21 proftpd listens (process 812).',
    ]);
    assert.ok(!idsOf(found).includes('ftp-not-running'));
    server.daemon.running = true;
    assert.ok(!idsOf(await told(server)).includes('ftp-other-server'));
  });

  it('name settings that only the server not in use has', async () => {
    const server = startServer();
    server.disk.put(
      '/var/cpanel/conf/proftpd/local',
      'PassivePorts: 40000 40100\nMasqueradeAddress: 203.0.113.10\n',
    );
    assert.deepEqual(said(await told(server), 'ftp-settings-elsewhere'), [
      'info',
      "WHM's settings for ProFTPD say passive ports 40000-40100 and the address 203.0.113.10; Pure-FTPd does not read them.",
    ]);
    const both = startServer({ local: 'ForcePassiveIP: 203.0.113.10\n' });
    both.disk.put('/var/cpanel/conf/proftpd/local', 'PassivePorts: 40000 40100\n');
    assert.ok(!idsOf(await told(both)).includes('ftp-settings-elsewhere'));
    const defaults = startServer();
    defaults.disk.put('/var/cpanel/conf/proftpd/main', 'PassivePorts: 49152 65534\n');
    assert.ok(!idsOf(await told(defaults)).includes('ftp-settings-elsewhere'));
  });

  it('say that FTP is not watched where cPanel’s file says so', async () => {
    const watched = async (text: string): Promise<boolean> => {
      const server = startServer();
      server.disk.put(MONITORED, text);
      return !idsOf(await told(server)).includes('ftp-not-monitored');
    };
    assert.equal(await watched('cpsrvd:1\nftpd:0\n'), false);
    assert.equal(await watched('cpsrvd:0\nftpd:1\n'), true);
    assert.equal(await watched('cpsrvd:1\nxftpd:0\n'), true);
  });

  it('name settings of ProFTPD that cPanel has put aside', async () => {
    const server = startServer({ config: 'ftpserver=proftpd\n' });
    server.disk.put('/etc/proftpd.conf', 'Port 21\n');
    server.disk.put('/etc/proftpd.conf.INVALID-validity.2026-11-22T10:00:00Z.1a2b3c', '');
    const [level, fact] = said(await told(server), 'conf-set-aside');
    assert.equal(level, 'info');
    assert.match(fact, /^\/etc\/proftpd\.conf\.INVALID-validity\.2026-11-22T10:00:00Z\.1a2b3c: /);
  });
});

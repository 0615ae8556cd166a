import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { Finding } from '../../src/core/finding.ts';
import { ADDRESS } from '../sandbox/lab.ts';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { cli, daemonPid, findingOf, json, rules, shell, snapshot } from './scene.ts';

const MONITORED = '/etc/chkserv.d/chkservd.conf';
const CONFIG = '/var/cpanel/cpanel.config';
const LOCAL = '/var/cpanel/conf/pureftpd/local';
const RESTART = '/usr/local/cpanel/scripts/restartsrv_ftpd';

/** Opens so many sessions, says so, and ends when the server has cut them all. */
const SESSIONS = `
use IO::Socket::INET;
my @open = map { IO::Socket::INET->new(PeerAddr => $ARGV[0], PeerPort => 21, Timeout => 5) or die $! } 1 .. $ARGV[1];
for my $session (@open) { 1 while <$session> }
print "cut";
`;

describe('in its situation a server', function () {
  this.timeout(120_000);
  let sandbox: Sandbox;

  before(async () => {
    sandbox = await startSandbox();
  });
  after(() => sandbox.stop());

  const run = (script: string): Promise<string> => shell(sandbox.server, script);
  const finding = (id: string): Promise<Finding | undefined> => findingOf(sandbox.server, id);

  async function refuses(sentence: RegExp): Promise<void> {
    const { server } = sandbox;
    const before = [await snapshot(server), await rules(server), await daemonPid(server)];
    for (const verb of [['apply', '--yes'], ['plan']]) {
      const { code, stdout, stderr } = await cli(server, ...verb);
      assert.match(`${stdout}${stderr}`.trim(), sentence);
      assert.equal(code, 1);
    }
    assert.deepEqual([await snapshot(server), await rules(server), await daemonPid(server)], before);
  }

  it('with FTP disabled is refused, told how to enable it, and left as it is', async () => {
    await run(`${RESTART} --stop; sed -i s/^ftpserver=.*/ftpserver=disabled/ ${CONFIG}`);
    try {
      await refuses(
        /FTP is switched off on this server \(\S+ says ftpserver=disabled\): choose .* FTP Server Selection, or run \S+setupftpserver pure-ftpd --force/,
      );
      assert.equal(await daemonPid(sandbox.server), '');
      assert.equal((await finding('ftp-disabled'))?.level, 'bad');
    } finally {
      await run(`sed -i s/^ftpserver=.*/ftpserver=pure-ftpd/ ${CONFIG}`);
    }
  });

  it('with FTP kept off by a file is refused too', async () => {
    await run('touch /etc/ftpddisable');
    try {
      await refuses(/FTP is switched off on this server \(\/etc\/ftpddisable exists\): choose /);
      assert.equal((await finding('ftp-switched-off-flag'))?.level, 'bad');
    } finally {
      await run(`rm /etc/ftpddisable; ${RESTART} --start`);
    }
  });

  it('on which another server runs than the one that is chosen is refused, and nothing is switched', async () => {
    await run(`sed -i s/^ftpserver=.*/ftpserver=proftpd/ ${CONFIG}`);
    try {
      await refuses(/cPanel is set to ProFTPD, but Pure-FTPd has port 21: choose one of them in WHM, /);
      assert.match(
        (await finding('ftp-other-server'))?.fact ?? '',
        /says ftpserver=proftpd, and on port 21 pure-ftpd listens/,
      );
    } finally {
      await run(`sed -i s/^ftpserver=.*/ftpserver=pure-ftpd/ ${CONFIG}`);
    }
  });

  it('is told how many sessions a restart cuts, keeps its plan, and cuts them', async () => {
    const { server, client } = sandbox;
    const { id } = (await json(server, 'plan')).document;
    const sessions = client.run(['perl', '-e', SESSIONS, ADDRESS.public, '3'], { timeoutMs: 60_000 });
    let note: Finding | undefined;
    let now = '';
    for (let tries = 0; tries < 20 && note?.fact.startsWith('3') !== true; tries++) {
      await delay(100);
      const { document } = await json(server, 'plan');
      note = document.notes.find((each) => each.id === 'sessions-open');
      now = document.id;
    }
    assert.equal(note?.fact, '3 sessions are open now; they will be cut.');
    assert.equal(now, id);
    const { code, stderr } = await cli(server, 'apply', '--yes');
    assert.equal(code, 0, stderr);
    const { stdout, stderr: why } = await sessions;
    assert.equal(stdout, 'cut', why);
    assert.equal((await cli(server, 'undo', '--yes')).code, 0);
  });

  it('that is not watched stays so, through apply and undo', async () => {
    const { server } = sandbox;
    await run(`sed -i s/^ftpd:1/ftpd:0/ ${MONITORED}`);
    const before = await run(`cat ${MONITORED}`);
    assert.match(before, /^ftpd:0$/m);
    assert.equal((await finding('ftp-not-monitored'))?.level, 'info');
    const applied = await cli(server, 'apply', '--yes');
    assert.equal(applied.code, 0, applied.stderr);
    assert.match(applied.stderr + applied.stdout, /Enabling chksrvd monitoring/);
    assert.equal(await run(`cat ${MONITORED}`), before);
    const undone = await cli(server, 'undo', '--yes');
    assert.equal(undone.code, 0, undone.stderr);
    assert.equal(await run(`cat ${MONITORED}`), before);
  });

  it('with FTP on another port is set up there, and told that the firewall keeps clients away', async () => {
    const { server } = sandbox;
    await run(`echo 'Bind: 2121' >>${LOCAL}; /usr/local/cpanel/bin/build_ftp_conf; ${RESTART}`);
    assert.match((await finding('control-port'))?.fact ?? '', /says Bind 2121; /);
    const blocked = await finding('control-port-blocked');
    assert.equal(blocked?.level, 'warn');
    assert.match(blocked.fact, /does not reach port 2121 over IPv4 and IPv6; it is stopped by: inet filter/);
    const { code, stderr } = await cli(server, 'apply', '--yes');
    assert.equal(code, 0, stderr);
    assert.equal((await finding('range-right'))?.level, 'good');
    assert.doesNotMatch(await rules(server), /2121/);
    await run('nft insert rule inet filter INPUT tcp dport 2121 accept');
    assert.equal(await finding('control-port-blocked'), undefined);
  });

  it('with a service in the range is told which one', async () => {
    const { server } = sandbox;
    const stop = '/root/stop-listening';
    const script = `my $s = IO::Socket::INET->new(Listen => 1, LocalPort => 50505) or die $!; for (1 .. 300) { last if -e '${stop}'; select undef, undef, undef, 0.1 }`;
    const listening = server.run(['perl', '-MIO::Socket::INET', '-e', script]);
    let taken: Finding | undefined;
    for (let tries = 0; tries < 20 && taken === undefined; tries++) taken = await finding('range-taken');
    assert.match(taken?.fact ?? '', /^perl \(process \d+\) listens on port 50505\. /);
    await run(`touch ${stop}`);
    await listening;
    assert.equal(await finding('range-taken'), undefined);
  });
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFiles } from '../../files.ts';
import { type Ended, type Ground, type Machine, holdGround, ok, startMachine } from '../../machine.ts';
import { type CsfOptions, csfFiles } from './csf.ts';

const OPEN = ['-P INPUT ACCEPT', '-P FORWARD ACCEPT', '-P OUTPUT ACCEPT'];
const ERROR = '/etc/csf/csf.error';

describe('the stand-in CSF', function () {
  this.timeout(60_000);
  let ground: Ground;
  let server: Machine;

  before(async () => {
    ground = await holdGround();
    server = await startMachine(ground, 'server');
  });
  after(async () => {
    await server.stop();
    await ground.stop();
  });
  beforeEach(async () => {
    await sh('rm -rf /etc/csf /var/lib/csf /etc/crontab /run/standin-systemd; mkdir -p /run/standin-systemd');
    await install();
    await ok(run('csf', '-f'));
  });

  const run = (...argv: string[]): Promise<Ended> => server.run(argv);
  const sh = (script: string): Promise<string> => ok(server.run(['sh', '-ec', script]));
  const csf = (...words: string[]): Promise<Ended> => run('/usr/sbin/csf', ...words);
  const install = (options: CsfOptions = {}): Promise<void> => writeFiles(server, csfFiles(options));
  const rules = async (tool = 'iptables', ...words: string[]): Promise<string[]> =>
    (await ok(run(tool, '-w', '5', '-S', ...words))).trim().split('\n');
  const inForce = async (): Promise<boolean> =>
    (await run('iptables', '-w', '5', '-S', 'LOCALINPUT')).code === 0;
  const there = async (path: string): Promise<boolean> => (await run('test', '-e', path)).code === 0;
  const setConf = async (edit: (text: string) => string): Promise<void> => {
    const text = await ok(run('cat', '/etc/csf/csf.conf'));
    await writeFiles(server, { '/etc/csf/csf.conf': { text: edit(text), mode: 0o600 } });
  };

  const letsIn = async (port: number): Promise<boolean> =>
    (await rules('iptables', 'INPUT')).some((rule) => rule.includes(`--dport ${port} `));

  it('tells its version', async () => {
    assert.equal((await csf('-v')).stdout, 'csf: v15.00 (cPanel)\n');
  });

  it('makes rules in the measured order, one for each item, for both families', async () => {
    await install({
      conf: { TCP_IN: '21, ,2087,49152:65534', TCP6_IN: '22', UDP_IN: '', UDP6_IN: '' },
      deny: ['192.0.2.1', '2001:db8::1', 'tcp|in|d=50000_50010|s=0.0.0.0/0'],
    });
    await sh('echo nameserver 192.0.2.53 >/etc/resolv.conf');
    assert.equal((await csf('-r')).code, 0);
    const port = (item: string): string =>
      `-A INPUT ! -i lo -p tcp -m conntrack --ctstate NEW -m tcp --dport ${item} -j ACCEPT`;
    assert.deepEqual(await rules('iptables', 'INPUT'), [
      '-P INPUT DROP',
      '-A INPUT -s 192.0.2.53/32 ! -i lo -p udp -m udp --sport 53 -j ACCEPT',
      '-A INPUT -s 192.0.2.53/32 ! -i lo -p tcp -m tcp --sport 53 -j ACCEPT',
      '-A INPUT ! -i lo -j LOCALINPUT',
      '-A INPUT -i lo -j ACCEPT',
      '-A INPUT ! -i lo -p tcp -j INVALID',
      '-A INPUT ! -i lo -p icmp -j ACCEPT',
      '-A INPUT ! -i lo -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
      ...['21', '2087', '49152:65534'].map(port),
      '-A INPUT ! -i lo -j LOGDROPIN',
    ]);
    assert.deepEqual(await rules('iptables', 'DENYIN'), [
      '-N DENYIN',
      '-A DENYIN -s 192.0.2.1/32 ! -i lo -j DROP',
      '-A DENYIN ! -i lo -p tcp -m multiport --dports 50000:50010 -j DROP',
    ]);
    assert.deepEqual((await rules('ip6tables', 'INPUT')).slice(-2), [
      port('22'),
      '-A INPUT ! -i lo -j LOGDROPIN',
    ]);
    assert.deepEqual(await rules('ip6tables', 'DENYIN'), [
      '-N DENYIN',
      '-A DENYIN -s 2001:db8::1/128 ! -i lo -j DROP',
    ]);
    await sh(': >/etc/resolv.conf');
  });

  it('flushes what others have put in, also beside the filter', async () => {
    await sh(
      'iptables -N DOCKER; iptables -t nat -A POSTROUTING -j MASQUERADE; iptables -t raw -A PREROUTING -j ACCEPT',
    );
    await ok(csf('-r'));
    assert.doesNotMatch(await ok(run('iptables-save')), /DOCKER|MASQUERADE|-A PREROUTING/);
  });

  it('leaves ip6tables alone without IPV6', async () => {
    await sh('ip6tables -A INPUT -p tcp --dport 4000 -j ACCEPT');
    await install({ conf: { IPV6: '0' } });
    await ok(csf('-r'));
    assert.deepEqual((await rules('ip6tables')).slice(-1), ['-A INPUT -p tcp -m tcp --dport 4000 -j ACCEPT']);
    assert.equal(await inForce(), true);
  });

  it('fails open on a bad item, and does nothing more until the error is gone', async () => {
    const cases = [
      ['49152-65534', /^Error: Invalid TCP_IN port \[49152-65534\], at line \d+$/m],
      [
        '65534:49152',
        /^Error: FASTSTART: \(TCP_IN IPv4\) \[\] \[iptables-restore v.*: invalid portrange \(min > max\)\]\. Try restarting csf with FASTSTART disabled, at line \d+$/m,
      ],
      ['49152:65536', /^Error: FASTSTART: \(TCP_IN IPv4\)/m],
      ['0800', /^Error: FASTSTART: \(TCP_IN IPv4\)/m],
    ] as const;
    for (const [item, words] of cases) {
      await ok(csf('-r'));
      await install({ conf: { TCP_IN: `22,${item}` } });
      const { code, stdout } = await csf('-r');
      assert.equal(code, 1, item);
      assert.match(stdout, words);
      assert.deepEqual(await rules(), OPEN, item);
      for (const word of ['-r', '-v', '-l', '-f']) {
        const refused = await csf(word);
        assert.equal(refused.code, 1);
        assert.match(refused.stdout, /^You have an unresolved error when starting csf: Error: /);
      }
      await sh(`rm ${ERROR}`);
      await install();
    }
  });

  it('loads the rest and exits 0 without FASTSTART', async () => {
    await install({ conf: { TCP_IN: '22,65534:49152,80', FASTSTART: '0' } });
    const { code, stdout } = await csf('-r');
    assert.equal(code, 0);
    assert.match(
      stdout,
      /^\*ERROR\* line:\[\d+\]\nCommand:\[.*65534:49152.*\]\nError:\[.*invalid portrange.*\]\nYou should check/m,
    );
    const made = await rules('iptables', 'INPUT');
    assert.deepEqual(
      made.flatMap((rule) => /tcp --dport (\S+)/.exec(rule)?.[1] ?? []),
      ['22', '80'],
    );
    assert.equal(made[0], '-P INPUT DROP');
    assert.equal(await there(ERROR), false);
  });

  it('refuses a conf that it cannot read, and its rules stay', async () => {
    await ok(csf('-r'));
    const before = await rules();
    await setConf((text) => text.replace(/^TCP_IN = "(.*)"/m, 'TCP_IN = $1'));
    const unquoted = await csf('-r');
    assert.equal(unquoted.code, 255);
    assert.match(
      unquoted.stdout,
      /^\*Error\* Invalid configuration line \[TCP_IN = 20,21,.*\] in \/etc\/csf\/csf\.conf at /,
    );
    await install();
    await setConf((text) => `${text}TCP_IN = "1"\n`);
    const repeated = await csf('-r');
    assert.equal(repeated.code, 255);
    assert.match(repeated.stdout, /^\*Error\* Setting TCP_IN is repeated in .*csf\.conf - you must remove/);
    assert.deepEqual(await rules(), before);
  });

  it('takes CRLF, blanks and a note behind the value, and is poisoned by quotation marks in a note', async () => {
    const note = (text: string) =>
      setConf((conf) => conf.replace(/^TCP_IN = .*$/m, text).replaceAll('\n', '\r\n'));
    await note(' TCP_IN="22,80" # a note');
    await ok(csf('-r'));
    assert.equal(
      (await rules('iptables', 'INPUT')).filter((rule) => rule.includes('-p tcp -m conntrack')).length,
      2,
    );
    await install();
    await note('TCP_IN = "22" # not "80"');
    assert.equal((await csf('-r')).code, 1);
    assert.deepEqual(await rules(), OPEN);
  });

  it('leaves restarts to lfd with LFDSTART, unless forced, and lfd starts what was stopped', async () => {
    await ok(csf('-r'));
    await install({ conf: { LFDSTART: '1', TCP_IN: '4000' } });
    const { code, stdout } = await csf('-r');
    assert.deepEqual([code, stdout], [0, 'lfd will restart csf within the next 5 seconds\n']);
    assert.equal(await sh('stat -c "%a %s" /var/lib/csf/csf.restart'), '600 0\n');
    assert.equal(await letsIn(4000), false);
    const lfd = server.spawn(['/usr/sbin/lfd']);
    await sh(
      'while [ -e /var/lib/csf/csf.restart ]; do sleep 0.05; done; sleep 0.1; exec flock /var/lib/csf/csf.lock true',
    );
    lfd.kill();
    assert.equal(await letsIn(4000), true);
    await ok(csf('-f'));
    const watch = server.spawn(['/usr/sbin/lfd']);
    await sh('until iptables -w 5 -S INPUT | grep -q LOGDROPIN; do sleep 0.05; done');
    watch.kill();
    await install({ conf: { LFDSTART: '1', TCP_IN: '5000' } });
    await sh('exec flock /var/lib/csf/csf.lock true');
    await ok(csf('-sf'));
    assert.equal(await letsIn(4000), false);
  });

  it('is busy while another holds its lock', async () => {
    await ok(csf('-r'));
    const hold = 'open my $l, ">", shift; flock $l, 2; $| = 1; print "held"; sleep 60';
    const holder = server.spawn(['perl', '-e', hold, '/var/lib/csf/csf.lock']);
    await once(holder.stdout ?? holder, 'data');
    const { code, stdout } = await csf('-r');
    assert.equal(code, 11);
    assert.match(stdout, /^Error: csf is being restarted, try again in a moment: Resource temporarily/);
    assert.equal(await inForce(), true);
    holder.kill();
    await ok(run('flock', '/var/lib/csf/csf.lock', '/usr/sbin/csf', '-v'));
    await ok(csf('-r'));
  });

  it('gives up beside a firewalld that runs', async () => {
    await ok(csf('-r'));
    await sh(
      `mkdir -p /etc/systemd/system; printf '#!/bin/sh\\n[ "$*" = "-q is-active firewalld.service" ]\\n' >/usr/local/sbin/systemctl; chmod 755 /usr/local/sbin/systemctl`,
    );
    const { code, stdout } = await csf('-r');
    await sh('rm /usr/local/sbin/systemctl');
    assert.equal(code, 1);
    assert.match(stdout, /^Error: firewalld found to be running/m);
    assert.deepEqual(await rules(), OPEN);
  });

  it('is switched off and on', async () => {
    await ok(csf('-r'));
    await ok(csf('-x'));
    assert.deepEqual(await rules(), OPEN);
    const { code, stdout } = await csf('-r');
    assert.deepEqual([code, stdout], [1, "csf and lfd have been disabled, use 'csf -e' to enable\n"]);
    await ok(csf('-e'));
    assert.equal(await inForce(), true);
    assert.equal(await there('/etc/csf/csf.disable'), false);
  });

  it('warns of testing mode, and has cron flush its rules', async () => {
    await install({ conf: { TESTING: '1', TESTING_INTERVAL: '7' } });
    const line = '*/7 * * * * root /usr/sbin/csf -f > /dev/null 2>&1\n';
    await sh('echo "# kept" >/etc/crontab');
    const { stdout } = await csf('-r');
    assert.match(stdout, /^\*WARNING\* TESTING mode is enabled - do not forget to disable it/m);
    await ok(csf('-r'));
    assert.equal(await sh('cat /etc/crontab'), `# kept\n${line}`);
    await install();
    await ok(csf('-r'));
    assert.equal(await sh('cat /etc/crontab'), '# kept\n');
  });

  it('keeps copies of its conf that everyone may read, and puts them back', async () => {
    const before = await sh('cat /etc/csf/csf.conf');
    await ok(csf('--profile', 'backup', 'ftp-passive pre'));
    const name = (await sh('ls /var/lib/csf/backup')).trim();
    assert.match(name, /^\d+_ftp_passive_pre$/);
    assert.equal(await sh(`stat -c %a /var/lib/csf/backup/${name}`), '644\n');
    assert.match((await csf('--profile', 'list')).stdout, new RegExp(`^${name}$`, 'm'));
    await setConf(() => 'TCP_IN = "1"\nIPV6 = "0"\n');
    assert.match(
      (await csf('--profile', 'restore', name)).stdout,
      /You should now restart csf and then lfd\n$/,
    );
    assert.equal(await sh('cat /etc/csf/csf.conf'), before);
  });

  it('comes up again with what was in force when the server went down, and from its conf after a power cut', async () => {
    await ok(csf('-r'));
    await ok(csf('--initdown'));
    await ok(csf('--stop'));
    await install({ conf: { TCP_IN: '4000' } });
    await ok(csf('--initup'));
    assert.deepEqual([await inForce(), await letsIn(4000)], [true, false]);
    await ok(csf('-f'));
    await ok(csf('--initup'));
    assert.deepEqual([await inForce(), await letsIn(4000)], [true, true]);
  });

  it('runs the administrator’s scripts, and works with the older iptables', async () => {
    await install({
      conf: {
        IPTABLES: '/usr/sbin/iptables-legacy',
        IPTABLES_RESTORE: '/usr/sbin/iptables-legacy-restore',
        IP6TABLES: '/usr/sbin/ip6tables-legacy',
        IP6TABLES_RESTORE: '/usr/sbin/ip6tables-legacy-restore',
      },
    });
    await writeFiles(server, {
      '/etc/csf/csfpost.sh': { text: 'iptables-legacy -I INPUT -s 192.0.2.9 -j DROP\n' },
    });
    await ok(csf('-r'));
    assert.deepEqual((await rules('iptables-legacy', 'INPUT')).slice(0, 2), [
      '-P INPUT DROP',
      '-A INPUT -s 192.0.2.9/32 -j DROP',
    ]);
    assert.equal(await inForce(), false);
    await ok(csf('-f'));
  });
});

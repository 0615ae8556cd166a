import assert from 'node:assert/strict';
import { writeFiles } from '../sandbox/files.ts';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { cli, daemonPid, rules, snapshot } from './scene.ts';

const LOCAL = '/var/cpanel/conf/pureftpd/local';
const SETUP = '/usr/local/cpanel/scripts/setupftpserver';

describe('what cannot be done', function () {
  this.timeout(120_000);
  let sandbox: Sandbox;

  before(async () => {
    sandbox = await startSandbox();
  });
  after(() => sandbox.stop());

  /** One clear sentence, the right exit code, nothing changed: bytes, times, rules, daemon. */
  async function refuses(argv: readonly string[], code: number, sentence: RegExp): Promise<void> {
    const { server } = sandbox;
    const before = [await snapshot(server), await rules(server), await daemonPid(server)];
    const ended = await cli(server, ...argv);
    const said = `${ended.stdout}${ended.stderr}`.trim();
    assert.match(said, sentence);
    assert.equal(ended.code, code, said);
    assert.deepEqual([await snapshot(server), await rules(server), await daemonPid(server)], before);
  }

  const usage: readonly [string[], RegExp][] = [
    [['--range', '70000-80000'], /Port 70000 is above 65535: write LOW-HIGH .*, like 49152-65534\.$/],
    [['--range', '60000-50000'], /The range 60000-50000 is reversed: write 50000-60000\.$/],
    [['--range', '20-21'], /Port 20 is below 1024: .*\.$/],
    [['--public-address', '999.1.1.1'], /"999\.1\.1\.1" is not an address .*: write an IPv4 address .*\.$/],
    [
      ['--firewall', 'pf'],
      /"pf" is not a firewall .*: write auto, csf, firewalld, ufw, iptables or nftables\.$/,
    ],
    [['--only', 'half'], /"half" is not a half .*: write ftp or firewall\.$/],
    [['--nonsense'], /apply does not take --nonsense: it takes .*\.$/],
  ];
  for (const [options, sentence] of usage) {
    it(`is refused before anything is read: apply ${options.join(' ')}`, async () => {
      const { stdout, stderr, code } = await cli(sandbox.server, 'apply', '--yes', ...options);
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr.trim(), sentence);
      assert.equal(stderr.trim().split('\n').length, 1);
    });
  }

  it('is applying without a terminal and without consent', () => refuses(['apply'], 2, /add --yes\.$/));

  it('is a store on a read-only file system', async () => {
    const { server } = sandbox;
    await server.run(['mount', '--bind', '/var/cpanel/conf', '/var/cpanel/conf']);
    await server.run(['mount', '-o', 'remount,bind,ro', '/var/cpanel/conf']);
    try {
      await refuses(
        ['apply', '--yes'],
        1,
        /pureftpd\/local cannot be written: the file system is read-only\.$/,
      );
    } finally {
      await server.run(['umount', '/var/cpanel/conf']);
    }
  });

  it('is a setupftpserver that is missing', async () => {
    const { server } = sandbox;
    await server.run(['mv', SETUP, `${SETUP}.away`]);
    try {
      await refuses(['apply', '--yes'], 1, /setupftpserver is missing or cannot be run; .*\.$/);
    } finally {
      await server.run(['mv', `${SETUP}.away`, SETUP]);
    }
  });

  it('is a store in which nobody could tell what was meant', async () => {
    const { server } = sandbox;
    const good = (await server.run(['cat', LOCAL])).stdout;
    await writeFiles(server, { [LOCAL]: { text: '- PassivePortRange 40000 40100\n' } });
    try {
      await refuses(['apply', '--yes'], 1, /pureftpd\/local is not valid YAML at line \d+: .*\.$/);
    } finally {
      await writeFiles(server, { [LOCAL]: { text: good } });
    }
  });

  it('is a saved firewall that does not load', async () => {
    const { server } = sandbox;
    const path = '/etc/sysconfig/nftables.conf';
    const good = (await server.run(['cat', path])).stdout;
    await writeFiles(server, { [path]: { text: `${good}\nthis is no rule\n` } });
    try {
      await refuses(
        ['apply', '--yes'],
        1,
        /nftables\.conf does not load, so this firewall will be missing .*\.$/,
      );
    } finally {
      await writeFiles(server, { [path]: { text: good, mode: 0o600 } });
    }
  });

  it('is undone whole when cPanel reports success and the server did not start', async () => {
    const { server } = sandbox;
    const good = (await server.run(['cat', SETUP])).stdout;
    const before = [bytes(await snapshot(server)), await rules(server)];
    await writeFiles(server, {
      [SETUP]: { text: '#!/bin/sh\necho "FTP server conversion complete"\nexit 0\n', mode: 0o755 },
    });
    try {
      const { code, stdout } = await cli(server, 'apply', '--yes', '--json');
      const last = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>;
      assert.deepEqual([code, last['state'], last['changed']], [1, 'undone', false]);
      assert.match(
        JSON.stringify(last['problem']),
        /cPanel wrote the address none instead of 203\.0\.113\.10/,
      );
    } finally {
      await writeFiles(server, { [SETUP]: { text: good, mode: 0o755 } });
    }
    assert.deepEqual([bytes(await snapshot(server)), await rules(server)], before);
  });
});

function bytes(files: string): string {
  return files.replace(/ \d+\.\d+$/gm, '');
}

import assert from 'node:assert/strict';
import type { Eyes } from '../../src/assumptions/assumption.ts';
import { ASSUMPTIONS, selfcheck, type Selfcheck } from '../../src/assumptions/selfcheck.ts';
import { selfcheckExit, selfcheckText } from '../../src/cli/selfcheck.ts';

interface Server {
  /** Text and mode of each file. */
  readonly files: Readonly<Record<string, readonly [text: string, mode?: string]>>;
  /** What each program prints, by its name and first argument; null: it ends with 1. */
  readonly programs: Readonly<Record<string, string | null>>;
}

const PEM = '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n-----BEGIN CERTIFICATE-----\n';

/** A server on which everything is as it is taken to be. */
const RIGHT: Server = {
  files: {
    '/usr/local/cpanel/version': ['11.138.0.19\n'],
    '/usr/lib/os-release': ['NAME="AlmaLinux"\nVERSION_ID="9.6"\n'],
    '/var/cpanel/ssl/cpanel/cpanel.pem': [PEM, '0600'],
    '/var/cpanel/conf/pureftpd/main': ["---\nPassivePortRange: '49152 65534'\n"],
    '/var/cpanel/cpnat': ['10.0.0.5 203.0.113.10\n10.0.0.6\n'],
    '/etc/ips': ['10.0.0.6:255.255.255.0:10.0.0.255\n'],
    '/etc/chkserv.d/chkservd.conf': ['ftpd:1\nexim-26:0\n'],
    '/var/cpanel/resellers': ['rita:create-acct,software-ftp-passive\n'],
    '/var/cpanel/apps/ftp_passive.conf': [
      'service=whostmgr\nacls=software-ftp-passive\nurl=/cgi/ftp_passive/index.cgi\n',
      '0600',
    ],
  },
  programs: {
    'is_registered_with_appconfig whostmgr': '1\n',
    'manage_hooks list': '  hook: /opt/whm-ftp-passive/plugin/bin/put-back\n',
    'whmapi1 --output=json': '{"data":{"privileges":[{"software-ftp-passive":1}]}}',
    'systemctl show': 'LoadState=loaded\n\nLoadState=not-found\n',
    tty: '/dev/pts/3\r\n',
    'unshare --net': '',
  },
};

const eyes = ({ files, programs }: Server, executable = true): Eyes => ({
  files: {
    read: (path) => {
      const [text, mode = '0644'] = files[path] ?? [];
      const tag = `sha256:00 mode:${mode} uid:0 gid:0`;
      return Promise.resolve(text === undefined ? null : { path, text, encoding: 'utf8', tag, mtimeMs: 0 });
    },
    isExecutable: () => Promise.resolve(executable),
  },
  run: (argv) => {
    const name = [argv[0]?.replace(/.*\//, ''), argv[1]].filter(Boolean).join(' ');
    const stdout = programs[name];
    const missing = stdout === undefined;
    const code = missing ? null : stdout === null ? 1 : 0;
    const rest = { signal: null, stderr: '', timedOut: false, ms: 0 };
    return Promise.resolve({ argv, code, stdout: stdout ?? '', missing, ...rest });
  },
});

/** The right server with these differences. */
const but = (files: Server['files'], programs: Server['programs'] = {}): Server => ({
  files: { ...RIGHT.files, ...files },
  programs: { ...RIGHT.programs, ...programs },
});

const WRONG: Readonly<Record<string, Server>> = {
  'registration-answer': but({}, { 'is_registered_with_appconfig whostmgr': 'yes\n' }),
  'registration-copy': but({ '/var/cpanel/apps/ftp_passive.conf': ['service=whostmgr\nacls=any\n'] }),
  'hooks-list': but({}, { 'manage_hooks list': 'upcp: 1 hook\n' }),
  privilege: but({}, { 'whmapi1 --output=json': '{"data":{"privileges":[{"acl-ftp-passive":1}]}}' }),
  'ftp-units': but({}, { 'systemctl show': 'LoadState=not-found\n\nLoadState=not-found\n' }),
  terminal: but({}, { tty: 'not a tty\r\n' }),
  namespaces: but({}, { 'unshare --net': null }),
  version: but({ '/usr/local/cpanel/version': ['v138\n'] }),
  certificate: but({ '/var/cpanel/ssl/cpanel/cpanel.pem': [PEM, '0644'] }),
  stores: but({ '/var/cpanel/conf/pureftpd/local': ['a: [\n'] }),
  'nat-map': but({ '/var/cpanel/cpnat': ['10.0.0.5=203.0.113.10\n'] }),
  'dedicated-addresses': but({ '/etc/ips': ['10.0.0.6/24\n'] }),
  monitored: but({ '/etc/chkserv.d/chkservd.conf': ['ftpd=1\n'] }),
  resellers: but({ '/var/cpanel/resellers': ['{"rita":["create-acct"]}\n'] }),
};

const of = ({ assumptions }: Selfcheck, wanted: boolean | null): string[] =>
  assumptions.filter(({ held }) => held === wanted).map(({ id }) => id);

describe('the assumptions about a cPanel server', () => {
  it('all hold where everything is as it is taken to be', async () => {
    const outcome = await selfcheck(eyes(RIGHT));
    assert.deepEqual([of(outcome, false), of(outcome, null)], [[], []]);
    assert.deepEqual([outcome.ok, outcome.cpanel, outcome.system], [true, '11.138.0.19', 'AlmaLinux 9.6']);
    assert.equal(selfcheckExit(outcome), 0);
  });

  for (const { id, says } of ASSUMPTIONS.filter((each) => each.id !== 'programs')) {
    it(`are broken, this one alone, where it does not hold: ${says}`, async () => {
      const server = WRONG[id];
      assert.ok(server, `${id} has no wrong server`);
      const outcome = await selfcheck(eyes(server));
      assert.deepEqual(of(outcome, false), [id]);
      assert.equal(selfcheckExit(outcome), 1);
    });
  }

  it('are broken where a program of cPanel is missing', async () => {
    assert.deepEqual(of(await selfcheck(eyes(RIGHT, false)), false), ['programs']);
  });

  it('are not told where there is nothing to look at', async () => {
    const outcome = await selfcheck(
      eyes({ files: { '/var/cpanel/ssl/cpanel/cpanel.pem': [PEM, '0600'] }, programs: {} }),
    );
    assert.deepEqual(of(outcome, false), []);
    assert.ok(of(outcome, null).length > 10);
    assert.deepEqual([outcome.ok, outcome.cpanel, selfcheckExit(outcome)], [null, null, 3]);
  });

  it('are not told where looking fails', async () => {
    const { files, run } = eyes(RIGHT);
    const read: Eyes['files']['read'] = (path) =>
      path === '/etc/ips' ? Promise.reject(new Error('broken disk')) : files.read(path);
    const outcome = await selfcheck({ run, files: { ...files, read } });
    assert.deepEqual(of(outcome, null), ['dedicated-addresses']);
  });

  it('are told without names, addresses and keys', async () => {
    for (const server of [RIGHT, ...Object.values(WRONG)]) {
      const outcome = await selfcheck(eyes(server));
      const told = `${selfcheckText(outcome)}${JSON.stringify(outcome)}`;
      assert.doesNotMatch(told, /rita|203\.0\.113|10\.0\.0\.|c2VjcmV0|sha256/);
    }
  });

  it('are told a line each with what was seen, and counted', async () => {
    const text = selfcheckText(await selfcheck(eyes(WRONG['certificate'] ?? RIGHT)));
    assert.match(text, /^cPanel 11\.138\.0\.19, AlmaLinux 9\.6\n/);
    assert.match(
      text,
      /^BROKEN +certificate: [^\n]+\n +[^\n]*cpanel\.pem: both in it; mode 0644, owner 0:0\.$/m,
    );
    assert.match(text, new RegExp(`\n${ASSUMPTIONS.length - 1} held, 1 broken, 0 not told\n$`));
  });
});

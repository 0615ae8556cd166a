import assert from 'node:assert/strict';
import type { ProblemCode } from '../../src/core/problem.ts';
import type { Settings } from '../../src/core/settings.ts';
import { checkWritable } from '../../src/engine/apply.ts';
import { makePlan } from '../../src/engine/planning.ts';
import { refusal } from '../core/refusal.ts';
import { LOCAL } from '../ftp/cpanel.ts';
import { fakeKeeper, SETTINGS } from './keeper.ts';
import {
  BOOT,
  listener,
  NFT,
  RULES,
  SETTINGS_PATH,
  SETUP,
  settings,
  startServer,
  type Server,
  type ServerOptions,
} from './server.ts';

/** What stops the range stands in a chain that a program has made. */
const KEPT = RULES.replace('\t\treject\n\t}', '\t\tjump keeper\n\t}\n\tchain keeper {\n\t\tdrop\n\t}');
const SWITCH_ON =
  'choose Pure-FTPd or ProFTPD in WHM, Service Configuration, FTP Server Selection, or run /usr/local/cpanel/scripts/setupftpserver pure-ftpd --force, then try again; it is never switched on from here.';
const REFUSAL = 'The program is busy: wait for its end, then try again.';

interface Row {
  readonly server: string;
  readonly options?: ServerOptions;
  readonly settings?: Partial<Settings>;
  readonly prepare?: (server: Server) => void;
  readonly code: ProblemCode;
  readonly message: string;
}

const ROWS: readonly Row[] = [
  {
    server: 'no cPanel',
    options: { config: null },
    code: 'unsupported',
    message:
      'This is not a cPanel server (no /var/cpanel/cpanel.config); only the firewall can be set up here: use --only firewall.',
  },
  {
    server: 'FTP switched off',
    options: { config: 'ftpserver=disabled\n' },
    code: 'unsupported',
    message: `FTP is switched off on this server (/var/cpanel/cpanel.config says ftpserver=disabled): ${SWITCH_ON}`,
  },
  {
    server: 'no word about FTP',
    options: { config: 'skipftp=0\nxftpserver=pure-ftpd\n' },
    code: 'unsupported',
    message: `FTP is switched off on this server (/var/cpanel/cpanel.config has no line ftpserver=, which means that FTP is off): ${SWITCH_ON}`,
  },
  ...['/etc/ftpddisable', '/etc/ftpserverdisable', '/etc/pure-ftpddisable'].map((flag) => ({
    server: `FTP switched off by ${flag}`,
    prepare: ({ disk, daemon }: Server) => {
      disk.put(flag, '');
      daemon.running = false;
    },
    code: 'unsupported' as const,
    message: `FTP is switched off on this server (${flag} exists): ${SWITCH_ON}`,
  })),
  {
    server: 'the other FTP server on the control port',
    prepare: ({ sockets, daemon }) => {
      daemon.running = false;
      sockets.others.push(listener('proftpd', 21));
    },
    code: 'unsupported',
    message:
      'cPanel is set to Pure-FTPd, but ProFTPD has port 21: choose one of them in WHM, FTP Server Selection, then try again.',
  },
  {
    server: 'no setupftpserver',
    prepare: ({ disk }) => void disk.programs.delete(SETUP),
    code: 'not-found',
    message: `${SETUP} is missing or cannot be run; without it cPanel does not take new FTP settings. Repair cPanel (upcp --force), then try again.`,
  },
  {
    server: 'a store that is none',
    options: { local: '- PassivePortRange\n' },
    code: 'invalid',
    message: `${LOCAL} is not valid YAML at line 1: the file is not made of "Key: value" lines. cPanel ignores such a file without a word.`,
  },
  {
    server: 'a program in charge that must not be touched now',
    options: { rules: KEPT, keepers: [fakeKeeper({ refusal: REFUSAL })] },
    prepare: ({ disk }) => disk.put(SETTINGS, ''),
    code: 'unsupported',
    message: REFUSAL,
  },
  {
    server: 'two programs in charge',
    options: {
      rules: KEPT,
      keepers: [{ ...fakeKeeper(), name: 'firewalld' }, fakeKeeper()],
    },
    prepare: ({ disk }) => disk.put(SETTINGS, ''),
    code: 'unsupported',
    message:
      'CSF and firewalld are both in force, and CSF takes its own rules away when it starts beside firewalld: turn one of them off ("csf -x", or "systemctl disable --now firewalld"), then try again.',
  },
  {
    server: 'a rule that forbids the range',
    options: { rules: RULES.replace('\t\treject', '\t\ttcp dport 50000-60000 drop\n\t\treject') },
    code: 'unsupported',
    message:
      "Ports 50000-60000 are forbidden on purpose by the rule inet filter input: tcp dport 50000-60000 drop. Remove it, choose another range, or name it: --override 'inet filter input: tcp dport 50000-60000 drop'.",
  },
  {
    server: 'another firewall than the one that was named',
    settings: { firewall: 'csf' },
    code: 'unsupported',
    message: 'csf was named, but nftables is in charge of the firewall here; write --firewall auto.',
  },
  {
    server: 'rules that cannot be read',
    prepare: ({ programs }) =>
      programs.set(NFT, (argv) => {
        return {
          argv,
          code: 1,
          signal: null,
          stdout: '',
          stderr: 'no\n',
          missing: false,
          timedOut: false,
          ms: 1,
        };
      }),
    code: 'unsupported',
    message: 'nft cannot list the rules: no',
  },
  {
    server: 'a saved script that does not load',
    options: { boot: `${RULES}nonsense\n` },
    code: 'invalid',
    message: `${BOOT} does not load, so this firewall will be missing after the next boot. The rules do not load: /dev/stdin:1:1-1: Error: syntax error: nonsense. Repair it first.`,
  },
  {
    server: 'remembered settings that are no JSON',
    prepare: ({ disk }) => disk.put(SETTINGS_PATH, 'range=1'),
    code: 'unsupported',
    message: `${SETTINGS_PATH} cannot be used. It is not the JSON that this program writes. Repair or remove it.`,
  },
];

describe('a plan is refused', () => {
  for (const { server: what, options, settings: some, prepare, code, message } of ROWS) {
    it(`with one sentence for ${what}, and nothing is changed`, async () => {
      const server = startServer(options);
      prepare?.(server);
      const before = server.state();
      await assert.rejects(makePlan(server.ports, settings(some)), refusal(message, code));
      assert.deepEqual(server.state(), before);
      assert.deepEqual(server.calls, []);
      assert.equal(server.twins.count, 0);
    });
  }

  it('not where the program that must not be touched lets the range in', async () => {
    const keepers = [fakeKeeper({ refusal: REFUSAL })];
    const server = startServer({ rules: KEPT.replace('\t\tdrop\n', '\t\taccept\n'), keepers });
    server.disk.put(SETTINGS, '49152-65534\n');
    const { steps } = await makePlan(server.ports, settings());
    assert.ok(!steps.some((step) => step.kind === 'run' && step.command[0] === NFT));
    assert.ok(steps.length > 0);
  });

  it('not for the half that has no trouble', async () => {
    const keepers = [fakeKeeper({ refusal: REFUSAL })];
    const server = startServer({ rules: KEPT, keepers });
    server.disk.put(SETTINGS, '');
    assert.equal((await makePlan(server.ports, settings({ only: 'ftp' }))).empty, false);
    const broken = startServer({ local: '- PassivePortRange\n' });
    assert.equal((await makePlan(broken.ports, settings({ only: 'firewall' }))).empty, false);
  });
});

describe('a plan whose file cannot be written', () => {
  for (const path of [LOCAL, BOOT, '/etc/pure-ftpd.conf']) {
    it(`is refused before it begins: ${path}`, async () => {
      const server = startServer();
      server.disk.readOnly.add(path);
      const plan = await makePlan(server.ports, settings());
      const message = `${path} cannot be written: the file system is read-only.`;
      await assert.rejects(checkWritable(server.ports, plan), refusal(message, 'access-denied'));
      await assert.doesNotReject(checkWritable(startServer().ports, plan));
    });
  }
});

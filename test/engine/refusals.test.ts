import assert from 'node:assert/strict';
import type { ProblemCode } from '../../src/core/problem.ts';
import type { Settings } from '../../src/core/settings.ts';
import { checkWritable } from '../../src/engine/apply.ts';
import { makePlan } from '../../src/engine/planning.ts';
import { refusal } from '../core/refusal.ts';
import { LOCAL } from '../ftp/cpanel.ts';
import { store } from '../ftp/servers.ts';
import {
  BOOT,
  NFT,
  RULES,
  SETTINGS_PATH,
  SETUP,
  settings,
  startServer,
  type Server,
  type ServerOptions,
} from './server.ts';

const UFW = `${RULES}table ip ufw {\n\tchain ufw-user-input {\n\t}\n}\n`;
const FIREWALLD =
  'table inet firewalld {\n\tchain filter_INPUT {\n\t\ttype filter hook input priority 10;\n\t\treject\n\t}\n}\n';

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
    message: 'FTP is switched off on this server; choose Pure-FTPd in WHM first.',
  },
  {
    server: 'no word about FTP',
    options: { config: 'skipftp=0\nxftpserver=pure-ftpd\n' },
    code: 'unsupported',
    message: 'FTP is switched off on this server; choose Pure-FTPd in WHM first.',
  },
  {
    server: 'ProFTPD',
    options: { config: 'ftpserver=proftpd\n' },
    code: 'unsupported',
    message: 'This version sets up Pure-FTPd only, and this server uses ProFTPD.',
  },
  {
    server: 'no setupftpserver',
    prepare: ({ disk }) => void disk.programs.delete(SETUP),
    code: 'not-found',
    message: `${SETUP} is missing or cannot be run; without it cPanel does not take new FTP settings. Repair cPanel (upcp --force), then try again.`,
  },
  {
    server: 'a broken store',
    options: { local: store('local-joined') },
    code: 'invalid',
    message: `${LOCAL} is not valid YAML at line 2: two entries run together, or the next line is indented. cPanel ignores such a file without a word.`,
  },
  {
    server: 'ufw in charge',
    options: { rules: UFW },
    code: 'unsupported',
    message:
      'ufw is in charge of the firewall here, and this version opens ports in nftables only. Open 49152-65534 in ufw yourself, then run: ftp-passive apply --only ftp.',
  },
  {
    server: 'firewalld in charge, another range',
    options: { rules: FIREWALLD },
    settings: { range: [50000, 60000] },
    code: 'unsupported',
    message:
      'firewalld is in charge of the firewall here, and this version opens ports in nftables only. Open 50000-60000 in firewalld yourself, then run: ftp-passive apply --only ftp.',
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

  it('not where another firewall in charge lets the range in', async () => {
    const server = startServer({ rules: UFW.replace('\t\treject', '\t\taccept') });
    const { steps } = await makePlan(server.ports, settings());
    assert.ok(!steps.some((step) => step.kind === 'run' && step.command[0] === NFT));
    assert.ok(steps.length > 0);
  });

  it('not for the half that has no trouble', async () => {
    const { ports } = startServer({ rules: UFW });
    assert.equal((await makePlan(ports, settings({ only: 'ftp' }))).empty, false);
    const broken = startServer({ local: store('local-joined') });
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

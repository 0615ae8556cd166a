import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { SOAK } from '../house/soak.ts';
import { CHECKOUT, runs } from './machine.ts';
import { formOf } from './once.ts';
import { installPackages } from './packages.ts';
import { ask } from './whm/browser.ts';

function demo(...args: string[]): ChildProcess {
  return spawn(`${CHECKOUT}/script/demo`, args, { stdio: ['ignore', 'pipe', 'pipe'] });
}

async function finished(child: ChildProcess): Promise<{ code: number | null; printed: string }> {
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (printed += text));
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, printed };
}

const EQUAL = /^ {2}(.*), 1 MiB up and down: equal, sha256 up ([0-9a-f]{16})…, down \2…$/gm;

/** Both judges, plain and with TLS; over IPv6 there is no PASV. */
const EVERY = ['curl', 'lftp']
  .flatMap((judge) => ['FTP', 'FTPS'].map((protocol) => `${judge}, ${protocol}`))
  .flatMap((way) => ['PASV, IPv4', 'EPSV, IPv4', 'EPSV, IPv6'].map((mode) => `${way}, ${mode}`))
  .sort();

describe('demo', function () {
  this.timeout(120_000);

  before(async function () {
    // Not by two demos at once.
    this.timeout(600_000);
    await installPackages('pure-ftpd');
    await installPackages('proftpd');
  });

  async function doesTheMainJob(
    ftp: string,
    firewall: string,
    nat: string,
    ...more: string[]
  ): Promise<void> {
    const { code, printed } = await finished(
      demo('--once', '--ftp', ftp, '--firewall', firewall, nat, ...more),
    );
    assert.equal(code, 0, printed);
    assert.match(printed, /^Before$.*blocked, a firewall refuses it.*^ {2}curl, PASV, 1 MiB: failed: /ms);
    const former = ftp === 'proftpd' && nat === '--nat';
    assert.match(printed, former ? /\(203,0,113,99,/ : /10\.0\.0\.5 is a private address/);
    assert.match(printed, /\[run done: /);
    assert.deepEqual([...printed.matchAll(EQUAL)].map(([, way]) => way).sort(), EVERY);
  }

  // Each server meets each firewall, and each of them both kinds of network.
  ['pure-ftpd', 'proftpd'].forEach((ftp, odd) => {
    ['nftables', 'iptables', 'firewalld'].forEach((firewall, at) => {
      const nets = SOAK ? ['--nat', '--no-nat'] : [(at + odd) % 2 === 0 ? '--nat' : '--no-nat'];
      for (const nat of nets) {
        it(`does the main job with --ftp ${ftp} --firewall ${firewall} ${nat}`, async () => {
          const cgi = firewall === 'nftables' && nat === '--no-nat' ? 'buffered' : 'stream';
          await doesTheMainJob(ftp, firewall, nat, '--cgi', cgi);
        });
      }
    });
  });

  it('says in one line where WHM is and who can log in, and leaves nothing behind', async () => {
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8');
    const child = demo('--json');
    const [line] = (await once(child.stdout ?? child, 'data')) as [Buffer];
    const told = JSON.parse(line.toString()) as {
      url: string;
      users: { name: string; password: string; acls?: string[] }[];
      enter: { server: string[] };
    };
    assert.match(told.url, /^https:\/\/127\.0\.0\.1:\d+$/);
    assert.deepEqual(
      told.users.map(({ name, acls }) => [name, acls?.length]),
      [
        ['root', undefined],
        ['rita', 2],
        ['sam', 2],
      ],
    );
    assert.match((await ask(`${told.url}/`)).body, /login_form/);
    const server = Number(told.enter.server[2]);
    assert.ok(runs(server));
    child.kill('SIGTERM');
    assert.equal((await finished(child)).code, 0);
    assert.equal(runs(server), false);
    assert.equal(readFileSync('/proc/self/mountinfo', 'utf8'), mounts);
  });

  it('refuses what its sandbox has not', async () => {
    const { code, printed } = await finished(demo('--once', '--ftp', 'vsftpd'));
    assert.equal(code, 2);
    assert.equal(printed, 'The sandbox has pure-ftpd and proftpd, not the FTP server "vsftpd".\n');
  });
});

describe('form of the plan', () => {
  it('is read with its hidden fields, which are plain text again', () => {
    const html = `<form method="get"><input name="range" value="1-2"></form>
<form method="post" action="?r=apply"><input type="hidden" name="csrf" value="a&amp;b&#x3D;"><input type="hidden" name="plan" value="p1"></form>`;
    assert.deepEqual(formOf(html), { csrf: 'a&b=', plan: 'p1' });
  });

  it('is missed with the words of the page', () => {
    assert.throws(() => formOf('<p>Nothing <b>to do</b></p>'), /shows no plan to apply: Nothing to do/);
  });
});

import assert from 'node:assert/strict';
import { ADDRESS, DEDICATED } from '../sandbox/lab.ts';
import type { FtpName } from '../sandbox/packages.ts';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { type Mode, transfer } from '../sandbox/transfer.ts';
import { cli, json } from './scene.ts';

const MORE = DEDICATED.map((each) => each.public);
const ALL = [ADDRESS.public, ...MORE];

/** Which of the server's addresses a strict client can send to and get from, plain and over TLS alike. */
async function working({ client }: Sandbox, mode: Mode): Promise<string[]> {
  const found: string[] = [];
  for (const address of ALL) {
    const done = await Promise.all(
      [false, true].map((tls) => transfer(client, 'lftp', mode, address, { tls })),
    );
    const [plain, secret] = done;
    assert.equal(plain?.ok, secret?.ok, done.map(({ why }) => why).join(' '));
    if (plain?.ok === true) found.push(address);
  }
  return found;
}

async function findings({ server }: Sandbox): Promise<Map<string, string>> {
  const { document } = await json(server, 'status');
  return new Map(document.findings.map(({ id, fact }) => [id, fact]));
}

/** What verify says of the addresses told over PASV, main and others, by their local address. */
async function told({ server }: Sandbox): Promise<Record<string, string>> {
  const { document } = await json(server, 'verify');
  const checks = document.checks.filter(({ id }) => /^(tls-)?pasv-address(@|$)/.test(id));
  return Object.fromEntries(checks.map(({ id, result }) => [id, result]));
}

for (const { ftp, nat } of [
  { ftp: 'proftpd', nat: true },
  { ftp: 'proftpd', nat: false },
  { ftp: 'pure-ftpd', nat: true },
  { ftp: 'pure-ftpd', nat: false },
] as const satisfies readonly { ftp: FtpName; nat: boolean }[]) {
  describe(`a server with two dedicated addresses (${ftp}, ${nat ? 'behind NAT' : 'no NAT'})`, function () {
    this.timeout(120_000);
    const oneOnly = ftp === 'pure-ftpd' && nat;
    let sandbox: Sandbox;

    before(async () => {
      sandbox = await startSandbox({ ftp, nat, dedicated: true });
    });
    after(() => sandbox.stop());

    it('is said before to serve each address, or not', async () => {
      const found = await findings(sandbox);
      assert.equal(found.has('dedicated-pasv'), oneOnly);
      assert.equal(found.has('host-address'), ftp === 'proftpd' && nat);
      if (oneOnly)
        assert.match(
          found.get('dedicated-pasv') ?? '',
          /On 203\.0\.113\.11 .*203\.0\.113\.12 .*EPSV works, and PASV does not/,
        );
    });

    it('lets no strict client transfer anything on any address', async () => {
      assert.deepEqual(await working(sandbox, 'PASV'), []);
      assert.deepEqual(await working(sandbox, 'EPSV'), []);
    });

    it('is set up', async () => {
      const { stderr, code } = await cli(sandbox.server, 'apply', '--yes');
      assert.equal(code, 0, stderr);
    });

    it('takes EPSV on every address', async () => {
      assert.deepEqual(await working(sandbox, 'EPSV'), ALL);
    });

    it(`takes strict PASV on ${oneOnly ? 'its main address only, as was said' : 'every address'}`, async () => {
      assert.deepEqual(await working(sandbox, 'PASV'), oneOnly ? [ADDRESS.public] : ALL);
      assert.equal((await findings(sandbox)).has('dedicated-pasv'), oneOnly);
    });

    it('is proven address by address', async () => {
      const local = DEDICATED.map((each) => (nat ? each.local : each.public));
      const expected = ['pasv-address', 'tls-pasv-address'].flatMap((id) => [
        [id, 'pass'],
        ...local.map((address) => [`${id}@${address}`, oneOnly ? 'fail' : 'pass']),
      ]);
      assert.deepEqual(await told(sandbox), Object.fromEntries(expected));
    });
  });
}

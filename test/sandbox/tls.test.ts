import assert from 'node:assert/strict';
import { writeFiles } from './files.ts';
import { ADDRESS } from './lab.ts';
import { ok } from './machine.ts';
import type { FtpName } from './packages.ts';
import { type Sandbox, startSandbox } from './sandbox.ts';
import { type Transfer, transfer } from './transfer.ts';

const SERVERS = [
  { ftp: 'pure-ftpd', store: 'pureftpd', address: 'ForcePassiveIP', required: 'TLS: 2', off: 'TLS: 0' },
  {
    ftp: 'proftpd',
    store: 'proftpd',
    address: 'MasqueradeAddress',
    required: "TLSRequired: 'on'",
    off: null,
  },
] as const satisfies readonly {
  ftp: FtpName;
  store: string;
  address: string;
  required: string;
  off: string | null;
}[];

for (const { ftp, store, address, required, off } of SERVERS) {
  describe(`${ftp} with TLS`, function () {
    this.timeout(60_000);
    let sandbox: Sandbox;

    before(async () => {
      sandbox = await startSandbox({ ftp, firewall: 'none' });
      await setUp();
    });
    after(() => sandbox.stop());

    async function setUp(more = ''): Promise<void> {
      const text = `${address}: ${ADDRESS.public}\n${more}\n`;
      const { server } = sandbox;
      await writeFiles(server, { [`/var/cpanel/conf/${store}/local`]: { text } });
      await ok(server.run(['sh', '-c', `rm -f /var/cpanel/conf/${store}/*.cache`]));
      await ok(server.run(['/usr/local/cpanel/scripts/setupftpserver', ftp, '--force']));
    }

    const both = (tls: boolean, host: string = ADDRESS.public): Promise<Transfer[]> =>
      Promise.all(
        (['curl', 'lftp'] as const).map((judge) => transfer(sandbox.client, judge, 'EPSV', host, { tls })),
      );
    const results = (done: Transfer[]): boolean[] => done.map((each) => each.ok);

    it('takes plain clients and those that insist on encryption, over IPv4 and IPv6', async () => {
      for (const host of [ADDRESS.public, ADDRESS.ipv6]) {
        for (const tls of [false, true]) {
          const done = await both(tls, host);
          assert.deepEqual(results(done), [true, true], done.map(({ why }) => why).join(' '));
        }
      }
    });

    it('turns plain clients away when its store requires TLS', async () => {
      await setUp(required);
      assert.deepEqual(results(await both(false)), [false, false]);
      assert.deepEqual(results(await both(true)), [true, true]);
    });

    if (off !== null) {
      it('has none when its store says so, and then a client that insists on it fails', async () => {
        await setUp(off);
        assert.deepEqual(results(await both(false)), [true, true]);
        assert.deepEqual(results(await both(true)), [false, false]);
      });
    }
  });
}

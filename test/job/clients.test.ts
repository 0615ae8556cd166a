import assert from 'node:assert/strict';
import { ADDRESS } from '../sandbox/lab.ts';
import type { FtpName } from '../sandbox/packages.ts';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { FTP_USER } from '../sandbox/state.ts';
import { probe, transfer } from '../sandbox/transfer.ts';
import { cli } from './scene.ts';

/**
 * Whether each client transfers with PASV. FileZilla has no command line, so its documented rule stands for it: a raw
 * conversation that connects to the server's own address where the one it is told is not routable and the server's is.
 */
async function clients({ client }: Sandbox): Promise<Record<string, boolean>> {
  const done: Record<string, boolean> = {};
  for (const judge of ['curl', 'lftp'] as const) {
    for (const corrects of [false, true]) {
      const { ok } = await transfer(client, judge, 'PASV', ADDRESS.public, { corrects });
      done[`${judge} that ${corrects ? 'corrects' : 'obeys'}`] = ok;
    }
  }
  for (const rule of ['obey', 'filezilla'] as const) {
    const { pasv } = await probe(client, ADDRESS.public, FTP_USER, rule);
    done[rule === 'obey' ? 'plain client' : 'FileZilla'] = pasv?.data === 'open';
  }
  return done;
}

const WORK = {
  'curl that obeys': true,
  'curl that corrects': true,
  'lftp that obeys': true,
  'lftp that corrects': true,
  'plain client': true,
  FileZilla: true,
};
const OBEYING_FAIL = { ...WORK, 'curl that obeys': false, 'lftp that obeys': false, 'plain client': false };

const SERVERS: readonly { ftp: FtpName; wrong: string; before: typeof WORK }[] = [
  { ftp: 'pure-ftpd', wrong: 'a private address', before: OBEYING_FAIL },
  {
    ftp: 'proftpd',
    wrong: 'the public address of another machine',
    // Nothing about such an address looks wrong: only a client that never looks at it gets through.
    before: { ...OBEYING_FAIL, 'lftp that corrects': false, FileZilla: false },
  },
];

for (const { ftp, wrong, before: expected } of SERVERS) {
  describe(`clients of ${ftp}, which tells them ${wrong}`, function () {
    this.timeout(120_000);
    let sandbox: Sandbox;

    before(async () => {
      sandbox = await startSandbox({ ftp });
    });
    after(() => sandbox.stop());

    it('all fail while the firewall is closed', async () => {
      assert.ok(!Object.values(await clients(sandbox)).includes(true));
    });

    it('differ once it is open: who obeys fails, who corrects what looks wrong gets through', async () => {
      const { code, stderr } = await cli(sandbox.server, 'apply', '--yes', '--only', 'firewall');
      assert.equal(code, 0, stderr);
      assert.deepEqual(await clients(sandbox), expected);
    });

    it('all get through when the address is right', async () => {
      const { code, stderr } = await cli(sandbox.server, 'apply', '--yes');
      assert.equal(code, 0, stderr);
      assert.deepEqual(await clients(sandbox), WORK);
    });
  });
}

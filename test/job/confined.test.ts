import assert from 'node:assert/strict';
import type { AuditEvent } from '../../src/runs/audit.ts';
import { CHECKOUT, type Ended } from '../sandbox/machine.ts';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { transfer } from '../sandbox/transfer.ts';
import { rules, shell } from './scene.ts';

const CONFINED = `${CHECKOUT}/test/sandbox/confined.pl`;
const UNIT = `${CHECKOUT}/plugin/systemd/ftp-passive.service`;
const PROGRAM = `${CHECKOUT}/plugin/bin/ftp-passive`;

/** What the unit takes away, each as a command that needs it. */
const REFUSED: readonly (readonly string[])[] = [
  ['perl', '-MSocket', '-e', 'socket(S, 40, SOCK_STREAM, 0) or exit 1'],
  ['unshare', '--uts', 'true'],
  ['unshare', '--user', 'true'],
  ['chrt', '--fifo', '1', 'true'],
  ['setarch', '--addr-no-randomize', 'true'],
  ['capsh', '--has-b=cap_sys_rawio'],
];
const KEPT: readonly (readonly string[])[] = [
  ['perl', '-MSocket', '-e', 'socket(S, AF_INET6, SOCK_STREAM, 0) or exit 1'],
  ['unshare', '--net', '--mount', 'true'],
  ['capsh', '--has-b=cap_net_admin'],
];

for (const firewall of ['nftables', 'iptables'] as const) {
  describe(`the job under the restrictions of the daemon’s unit (${firewall})`, function () {
    this.timeout(180_000);
    let sandbox: Sandbox;

    before(async () => (sandbox = await startSandbox({ firewall, nat: true })));
    after(() => sandbox.stop());

    const confined = (...argv: readonly string[]): Promise<Ended> =>
      sandbox.server.run(['perl', CONFINED, UNIT, ...argv], { timeoutMs: 150_000 });

    async function does(verb: 'apply' | 'undo'): Promise<unknown> {
      const { stdout, stderr } = await confined(PROGRAM, verb, '--yes', '--json');
      const last = stdout.trimEnd().split('\n').at(-1) ?? '';
      assert.notEqual(last, '', stderr);
      const { state, changed } = JSON.parse(last) as { state: string; changed: boolean };
      return { state, changed };
    }

    it('has lost what it has no use for, and kept what it needs', async () => {
      for (const argv of REFUSED) {
        assert.equal((await sandbox.server.run(argv)).code, 0, argv.join(' '));
        assert.notEqual((await confined(...argv)).code, 0, argv.join(' '));
      }
      for (const argv of KEPT) assert.equal((await confined(...argv)).code, 0, argv.join(' '));
    });

    it('is done, proven from the internet, and put back', async () => {
      const before = await rules(sandbox.server);
      assert.equal((await transfer(sandbox.client, 'curl', 'PASV')).ok, false);
      assert.deepEqual(await does('apply'), { state: 'done', changed: true });
      assert.equal((await transfer(sandbox.client, 'curl', 'PASV')).ok, true);
      assert.equal((await confined(PROGRAM, 'verify')).code, 0);
      assert.deepEqual(await does('undo'), { state: 'done', changed: false });
      assert.equal(await rules(sandbox.server), before);
      assert.equal((await transfer(sandbox.client, 'curl', 'PASV')).ok, false);
    });

    it('has told the audit, which only root reads', async () => {
      const audit = '/var/lib/whm-ftp-passive/audit.jsonl';
      assert.equal(await shell(sandbox.server, `stat -c %a ${audit}`), '600\n');
      const lines = (await shell(sandbox.server, `cat ${audit}`)).trimEnd().split('\n');
      const told = lines.map((line) => JSON.parse(line) as AuditEvent);
      assert.deepEqual(
        told.map(({ user, address, via, action, result }) => [user, address, via, action, result]),
        ['apply', 'undo'].flatMap((verb) =>
          ['begun', 'done'].map((result) => ['root', 'local', 'cli', verb, result]),
        ),
      );
    });
  });
}

import assert from 'node:assert/strict';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { CHECKOUT, ok } from '../sandbox/machine.ts';
import { transfer } from '../sandbox/transfer.ts';
import { cli, json, rules, snapshot } from './scene.ts';
import * as troubles from './troubles.ts';

const STATE = '/var/lib/whm-ftp-passive';
const STORES = '/var/cpanel/conf/pureftpd';
const LOCAL = `${STORES}/local`;
const CONF = '/etc/pure-ftpd.conf';
const SAVED = '/etc/sysconfig/nftables.conf';

const FULL = 'the disk is full';
const READ_ONLY = 'the file system is read-only';
const IMMUTABLE = 'the file or its directory is marked immutable or append-only (see lsattr)';
const NO_PARENT = 'its directory does not exist';
const EIO = 'the disk reports an input/output error';
const QUOTA = 'the quota is used up';

/** Met before anything is done. */
const REFUSED: readonly (readonly [what: string, troubles.Trouble, path: string, why: string])[] = [
  ['a full /etc', troubles.full('/etc'), SAVED, FULL],
  ['full stores', troubles.full('/var/cpanel/conf'), LOCAL, FULL],
  ['a full disk for its state', troubles.full(STATE), `${STATE}/lock`, FULL],
  ['no room for the journal', troubles.full(STATE, 8), `${STATE}/runs/RUN/journal.jsonl`, FULL],
  ['a read-only /etc', troubles.readOnly('/etc'), SAVED, READ_ONLY],
  ['read-only stores', troubles.readOnly('/var/cpanel/conf'), LOCAL, READ_ONLY],
  ['a read-only disk for its state', troubles.readOnly(STATE), `${STATE}/lock`, READ_ONLY],
  ['an immutable store', troubles.immutable(LOCAL), LOCAL, IMMUTABLE],
  ['an immutable directory of stores', troubles.immutable(STORES), LOCAL, IMMUTABLE],
  ['an immutable pure-ftpd.conf', troubles.immutable(CONF), CONF, IMMUTABLE],
  ['stores whose directory is missing', troubles.away(STORES), LOCAL, NO_PARENT],
  ['a quota that is used up', troubles.failing('openat', 'EDQUOT', LOCAL, '2+'), LOCAL, QUOTA],
  [
    'a disk that fails under its state',
    troubles.failing('fsync', 'EIO', `${STATE}/runs`),
    `${STATE}/runs/RUN`,
    EIO,
  ],
];

/** Met in the middle: what was done is put back. */
const UNDONE: readonly (readonly [what: string, troubles.Trouble, path: string, why: string])[] = [
  ['a disk that fails under the stores', troubles.failing('fsync', 'EIO', STORES), LOCAL, EIO],
  ['a disk for its state that fills up', troubles.full(STATE, 48), `${STATE}/runs/RUN/\\S+`, FULL],
];

describe('a machine in trouble', function () {
  this.timeout(300_000);
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await startSandbox();
    await ok(sandbox.server.run(['mkdir', '-m', '0700', `${STATE}/runs`]));
  });
  after(() => sandbox.stop());

  interface Ended {
    readonly code: number | null;
    readonly state: string;
    readonly message: string;
    readonly run: string | null;
    readonly stderr: string;
  }

  async function apply(by: readonly string[] = []): Promise<Ended> {
    const argv = [...by, `${CHECKOUT}/plugin/bin/ftp-passive`, 'apply', '--yes', '--json'];
    const { code, stdout, stderr } = await sandbox.server.run(argv, { timeoutMs: 120_000 });
    const last = stdout.trimEnd().split('\n').at(-1) ?? '';
    const { state, problem, run } = JSON.parse(last) as {
      readonly state: string;
      readonly run: string | null;
      readonly problem?: { readonly message: string };
    };
    return { code, state, message: problem?.message ?? '', run, stderr };
  }

  /** All that a run could leave behind: files, rules, and what it keeps itself. What was refused is in the audit too. */
  async function everything(): Promise<string[]> {
    const { server } = sandbox;
    const kept = await server.run([
      ...['find', STATE, '!', '-path', `${STATE}/runs/*/*`],
      ...['!', '-name', 'asked.jsonl', '!', '-name', 'audit.jsonl'],
    ]);
    const texts = [await snapshot(server), await rules(server), kept.stdout];
    return texts.flatMap((text) => text.split('\n')).sort();
  }

  const sentence = (path: string, why: string): RegExp =>
    new RegExp(
      `^${path.replace('RUN', '\\d{8}T\\d{6}Z-[0-9a-f]{6}')} cannot be written: ${why.replace(/[()]/g, '\\$&')}\\.$`,
    );

  for (const [what, trouble, path, why] of REFUSED) {
    it(`is told of ${what} in one sentence, and nothing is changed`, async () => {
      await troubles.inTrouble(sandbox.server, trouble, async () => {
        const before = await everything();
        const { code, state, message, run, stderr } = await apply(trouble.by);
        assert.match(message, sentence(path, why));
        assert.deepEqual([code, state, run, stderr], [1, 'refused', null, '']);
        assert.deepEqual(await everything(), before);
      });
    });
  }

  for (const [what, trouble, path, why] of UNDONE) {
    it(`has everything put back that was done before it met ${what}`, async () => {
      await troubles.inTrouble(sandbox.server, trouble, async () => {
        const before = bytes(await everything());
        const { code, state, message, run, stderr } = await apply(trouble.by);
        assert.match(message, sentence(path, why));
        assert.deepEqual([code, state, stderr], [1, 'undone', '']);
        assert.deepEqual(bytes(await everything()), before);
        const { document } = await json(sandbox.server, 'runs');
        const record = document.find(({ id }) => id === run);
        assert.deepEqual([record?.state, record?.changed], ['undone', false]);
      });
    });
  }

  it('sets everything up although its clock jumps a day ahead meanwhile', async () => {
    const { server } = sandbox;
    const before = bytes(await everything());
    const trouble = troubles.jumping(86_400);
    const { code, state, run } = await troubles.inTrouble(server, trouble, () => apply(trouble.by));
    assert.deepEqual([code, state], [0, 'done']);
    const { document } = await json(server, 'runs');
    const record = document.find(({ id }) => id === run);
    assert.deepEqual([record?.state, record?.unconfirmed], ['done', undefined]);
    assert.equal((await cli(server, 'undo', run ?? '', '--yes')).code, 0);
    assert.deepEqual(bytes(await everything()), before);
  });

  it('has everything put back when its clock jumps a day back, since the FTP server then seems older than its settings', async () => {
    const { server } = sandbox;
    const before = bytes(await everything());
    const trouble = troubles.jumping(-86_400);
    const { code, state, message } = await troubles.inTrouble(server, trouble, () => apply(trouble.by));
    assert.deepEqual([code, state], [1, 'undone']);
    assert.match(message, /^The FTP server still runs with its old settings\.$/);
    assert.deepEqual(bytes(await everything()), before);
  });

  it('is set up with a full /tmp, and then transfers succeed', async () => {
    const { server, client } = sandbox;
    assert.ok(!(await transfer(client, 'curl', 'EPSV')).ok);
    const { code, state } = await troubles.inTrouble(server, troubles.fullTmp(), () => apply());
    assert.deepEqual([code, state], [0, 'done']);
    assert.ok((await transfer(client, 'curl', 'EPSV')).ok);
  });
});

/** Without times, the runs that were, and what cPanel's own scripts lock. */
function bytes(lines: readonly string[]): string[] {
  return lines
    .filter((line) => !line.startsWith(`${STATE}/runs/`) && !line.includes('/passwd.vhosts.lock'))
    .map((line) => line.replace(/ \d+\.\d+$/, ''));
}

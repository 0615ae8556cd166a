import assert from 'node:assert/strict';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { connectTo, transfer } from '../sandbox/transfer.ts';
import { cli, json, rules } from './scene.ts';

const SAVED = '/etc/sysconfig/nftables.conf';
const WIDE = 'tcp dport 49152-65534 accept comment "ftp-passive:managed"';
const NARROW = 'tcp dport 50000-51000 accept comment "ftp-passive:managed"';

describe('a change of the range', function () {
  this.timeout(120_000);
  let sandbox: Sandbox;
  let first = '';

  before(async () => {
    sandbox = await startSandbox();
    first = await everything();
    assert.equal((await cli(sandbox.server, 'apply', '--yes')).code, 0);
  });
  after(() => sandbox.stop());

  async function everything(): Promise<string> {
    const files = await sandbox.server.run([
      'cat',
      SAVED,
      '/var/cpanel/conf/pureftpd/local',
      '/etc/pure-ftpd.conf',
    ]);
    return `${files.stdout}${await rules(sandbox.server)}`;
  }

  /** The rules of ours, in force and saved. */
  async function ours(): Promise<[string[], string[]]> {
    const saved = (await sandbox.server.run(['cat', SAVED])).stdout;
    const pick = (text: string): string[] =>
      text
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line.includes('ftp-passive:managed'));
    return [pick(await rules(sandbox.server)), pick(saved)];
  }

  it('opens the new range before anything else and closes the old one after all proofs', async () => {
    const { document } = await json(sandbox.server, 'plan', '--range', '50000-51000');
    const titles = document.steps.map(({ title }) => title);
    const at = (text: RegExp): number => titles.findIndex((title) => text.test(title));
    assert.ok(at(/^Open 50000-51000/) >= 0);
    assert.ok(at(/^Open 50000-51000/) < at(/Set passive FTP/));
    assert.ok(at(/Talk to the FTP server/) < at(/^Close 49152-65534/));
  });

  it('leaves one rule, in force and saved, and nothing of the old range open', async () => {
    const { code } = await cli(sandbox.server, 'apply', '--yes', '--range', '50000-51000');
    assert.equal(code, 0);
    assert.deepEqual(await ours(), [[NARROW], [NARROW]]);
    const met = await connectTo(sandbox.client, [50000, 51000, 49999, 51001, 60000]);
    const reached = [...met]
      .filter(([, each]) => each === 'refused' || each === 'open')
      .map(([port]) => port);
    assert.deepEqual(reached, [50000, 51000]);
    assert.ok((await transfer(sandbox.client, 'curl', 'PASV')).ok);
  });

  it('is remembered: later questions are about the new range', async () => {
    const { document } = await json(sandbox.server, 'status');
    assert.deepEqual([document.ok, document.ftp.range.live], [true, [50000, 51000]]);
    const { document: again } = await json(sandbox.server, 'apply', '--yes');
    assert.deepEqual(again, { run: null, state: 'nothing-to-do', changed: false });
  });

  it('refuses to put the first run back under the second', async () => {
    const { document: runs } = await json(sandbox.server, 'runs');
    const oldest = runs.filter(({ verb }) => verb === 'apply').at(-1)?.id ?? '';
    const { code, document } = await json(sandbox.server, 'undo', oldest, '--yes');
    assert.deepEqual([code, document.state, document.problem?.code], [1, 'refused', 'change-conflict']);
    assert.match(document.problem?.detail ?? '', /^[-+]/m);
  });

  it('is put back to the old range, and that to the beginning', async () => {
    assert.equal((await cli(sandbox.server, 'undo', '--yes')).code, 0);
    assert.deepEqual(await ours(), [[WIDE], [WIDE]]);
    assert.ok((await transfer(sandbox.client, 'curl', 'EPSV')).ok);
    assert.equal((await cli(sandbox.server, 'undo', '--yes')).code, 0);
    assert.equal(await everything(), first);
  });
});

import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { writeFiles } from '../sandbox/files.ts';
import { CHECKOUT } from '../sandbox/machine.ts';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { cli, json, rules } from './scene.ts';

const SETUP = '/usr/local/cpanel/scripts/setupftpserver';
const CHANGED = [
  '/etc/pure-ftpd.conf',
  '/etc/sysconfig/nftables.conf',
  '/var/cpanel/conf/pureftpd/local',
  '/var/cpanel/conf/pureftpd/main',
];

describe('a run that is killed', function () {
  this.timeout(60_000);
  let sandbox: Sandbox;
  let first = '';
  let run = '';

  async function everything(): Promise<string> {
    const sums = await sandbox.server.run(['sha256sum', ...CHANGED]);
    return `${sums.stdout}${await rules(sandbox.server)}`;
  }

  before(async () => {
    sandbox = await startSandbox();
    first = await everything();
    const { server } = sandbox;
    const good = (await server.run(['cat', SETUP])).stdout;
    await writeFiles(server, { [SETUP]: { text: '#!/bin/sh\nexec sleep 600\n', mode: 0o755 } });
    const apply = server.spawn([`${CHECKOUT}/plugin/bin/ftp-passive`, 'apply', '--yes']);
    apply.stdout?.resume();
    apply.stderr?.resume();
    while ((await server.run(['pgrep', '-f', '^sleep 600$'])).code !== 0) await delay(50);
    await server.run(['pkill', '-KILL', '-f', 'main.js apply']);
    await server.run(['pkill', '-KILL', '-f', '^sleep 600$']);
    await writeFiles(server, { [SETUP]: { text: good, mode: 0o755 } });
  });
  after(() => sandbox.stop());

  it('is found by the next look, with what it had begun', async () => {
    const { code, document } = await json(sandbox.server, 'status');
    const finding = document.findings.find(({ id }) => id === 'run-interrupted');
    assert.equal(code, 1);
    assert.match(finding?.fact ?? '', /has no end; the last was: Let cPanel write the FTP settings/);
    const { document: runs } = await json(sandbox.server, 'runs');
    run = runs[0]?.id ?? '';
    assert.equal(runs[0]?.state, 'interrupted');
    assert.match(finding?.fix ?? '', new RegExp(run));
  });

  it('does not go on by itself and holds nobody up', async () => {
    assert.notEqual(await everything(), first);
    const { document } = await json(sandbox.server, 'plan');
    assert.equal(document.empty, false);
  });

  it('is put back whole by one command, and that is the end of it', async () => {
    const { code, document } = await json(sandbox.server, 'undo', run, '--yes');
    assert.deepEqual([code, document.state], [0, 'done']);
    assert.equal(await everything(), first);
    const { document: status } = await json(sandbox.server, 'status');
    assert.ok(!status.findings.some(({ id }) => id === 'run-interrupted'));
    assert.equal((await cli(sandbox.server, 'apply', '--yes')).code, 0);
  });
});

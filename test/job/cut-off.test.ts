import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { UNDO_AFTER_SECONDS } from '../../src/runs/dead-man.ts';
import { writeFiles } from '../sandbox/files.ts';
import { CHECKOUT } from '../sandbox/machine.ts';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { json } from './scene.ts';

const FIREWALL_CMD = '/usr/bin/firewall-cmd';
/** A firewall that shuts WHM out when it is told something, and lets it in again when that is taken back. */
const CUTS_OFF = `#!/bin/sh
${FIREWALL_CMD}.real "$@"
code=$?
case "$*" in
*--remove-* | *--delete-*) nft delete table inet cut 2>/dev/null ;;
*--add-*)
	nft 'add table inet cut; add chain inet cut in { type filter hook input priority -5; policy accept; }'
	nft 'add rule inet cut in tcp dport 2087 ct state new drop'
	;;
esac
exit $code
`;

describe('a firewall that cuts the administrator off', function () {
  this.timeout((UNDO_AFTER_SECONDS + 120) * 1000);
  let sandbox: Sandbox;

  before(async () => {
    sandbox = await startSandbox({ firewall: 'firewalld' });
    await sandbox.server.run(['mv', FIREWALL_CMD, `${FIREWALL_CMD}.real`]);
    await writeFiles(sandbox.server, { [FIREWALL_CMD]: { text: CUTS_OFF, mode: 0o755 } });
  });
  after(() => sandbox.stop());

  async function getsIn(): Promise<boolean> {
    const url = 'https://203.0.113.10:2087/';
    const { code } = await sandbox.client.run(['curl', '-sk', '--connect-timeout', '2', url]);
    return code === 0;
  }

  it('is put back in time although whoever did it was killed', async () => {
    const { server } = sandbox;
    assert.ok(await getsIn());
    const began = performance.now();
    const apply = server.spawn([`${CHECKOUT}/plugin/bin/ftp-passive`, 'apply', '--yes']);
    apply.stdout?.resume();
    apply.stderr?.resume();
    while (await getsIn()) await delay(100);
    await server.run(['pkill', '-KILL', '-f', 'main.js apply']);
    assert.ok(!(await getsIn()));
    const { document: cut } = await json(server, 'runs');
    assert.equal(cut[0]?.state, 'interrupted');
    assert.equal(cut[0].unconfirmed?.seconds, UNDO_AFTER_SECONDS);
    while (!(await getsIn())) await delay(1000);
    const seconds = (performance.now() - began) / 1000;
    assert.ok(seconds < UNDO_AFTER_SECONDS + 60, `it took ${Math.round(seconds)} seconds`);
    let runs = (await json(server, 'runs')).document;
    while (runs.some(({ state }) => state === 'running')) {
      await delay(500);
      runs = (await json(server, 'runs')).document;
    }
    assert.deepEqual(
      runs.map(({ verb, state, who }) => [verb, state, who.user]),
      [
        ['undo', 'done', 'switch'],
        ['apply', 'interrupted', 'root'],
      ],
    );
    assert.deepEqual([runs[1]?.undoneBy, runs[1]?.unconfirmed], [runs[0]?.id, undefined]);
  });
});

import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { UNDO_AFTER_SECONDS } from '../../src/runs/dead-man.ts';
import type { RunRecord } from '../../src/runs/record.ts';
import { writeFiles } from '../sandbox/files.ts';
import { CHECKOUT, ok } from '../sandbox/machine.ts';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { json } from './scene.ts';

const FIREWALL_CMD = '/usr/bin/firewall-cmd';
/**
 * A firewall that shuts WHM out when it is told something, and lets it in again when that is taken back. It takes its
 * time then, so that the run is still at work when somebody has noticed.
 */
const CUTS_OFF = `#!/bin/sh
${FIREWALL_CMD}.real "$@"
code=$?
case "$*" in
*--remove-* | *--delete-*) nft delete table inet cut 2>/dev/null ;;
*--add-*)
	nft list table inet cut >/dev/null 2>&1 && exit $code
	nft 'add table inet cut; add chain inet cut in { type filter hook input priority -5; policy accept; }'
	nft 'add rule inet cut in tcp dport 2087 ct state new drop'
	sleep 4
	;;
esac
exit $code
`;

describe('a firewall that cuts the administrator off', function () {
  this.timeout((UNDO_AFTER_SECONDS + 120) * 1000);
  let sandbox: Sandbox;

  before(async () => {
    sandbox = await startSandbox({ firewall: 'firewalld', install: true });
    await sandbox.server.run(['mv', FIREWALL_CMD, `${FIREWALL_CMD}.real`]);
    await writeFiles(sandbox.server, { [FIREWALL_CMD]: { text: CUTS_OFF, mode: 0o755 } });
  });
  after(() => sandbox.stop());

  async function getsIn(): Promise<boolean> {
    const url = 'https://203.0.113.10:2087/';
    const { code } = await sandbox.client.run(['curl', '-sk', '--connect-timeout', '1', url]);
    return code === 0;
  }

  /** Applies, and kills it as soon as WHM is shut. */
  async function cutOff(): Promise<void> {
    const { server } = sandbox;
    const apply = server.spawn([`${CHECKOUT}/plugin/bin/ftp-passive`, 'apply', '--yes']);
    apply.stdout?.resume();
    apply.stderr?.resume();
    while (await getsIn()) await delay(100);
    await server.run(['pkill', '-KILL', '-f', 'main.js apply']);
  }

  async function whenPutBack(): Promise<readonly RunRecord[]> {
    for (;;) {
      const { document: runs } = await json(sandbox.server, 'runs');
      if (runs[0]?.verb === 'undo' && runs[0].state !== 'running') return runs;
      await delay(500);
    }
  }

  it('is put back in time although whoever did it was killed', async () => {
    const { server } = sandbox;
    assert.ok(await getsIn());
    const began = performance.now();
    await cutOff();
    assert.ok(!(await getsIn()));
    const { document: cut } = await json(server, 'runs');
    assert.equal(cut[0]?.state, 'interrupted');
    assert.equal(cut[0].unconfirmed?.seconds, UNDO_AFTER_SECONDS);
    while (!(await getsIn())) await delay(1000);
    const seconds = (performance.now() - began) / 1000;
    assert.ok(seconds < UNDO_AFTER_SECONDS + 60, `it took ${Math.round(seconds)} seconds`);
    const runs = await whenPutBack();
    assert.deepEqual(
      runs.map(({ verb, state, who }) => [verb, state, who.user]),
      [
        ['undo', 'done', 'switch'],
        ['apply', 'interrupted', 'root'],
      ],
    );
    assert.deepEqual([runs[1]?.undoneBy, runs[1]?.unconfirmed], [runs[0]?.id, undefined]);
  });

  it('is put back by the next boot when the server was switched off meanwhile', async () => {
    await cutOff();
    const { document: cut } = await json(sandbox.server, 'runs');
    const run = cut[0]?.id ?? '';
    // As long as the switch waits, and more.
    const journal = `/var/lib/whm-ftp-passive/runs/${run}/journal.jsonl`;
    const earlier = new Date(Date.now() - 2 * UNDO_AFTER_SECONDS * 1000).toISOString();
    const armed = `s/("at":"armed","when":")[^"]*/\\1${earlier}/`;
    await ok(sandbox.server.run(['sed', '-E', '-i', armed, journal]), ['sed']);
    await sandbox.reboot();
    assert.ok(await getsIn());
    const runs = await whenPutBack();
    assert.deepEqual([runs[0]?.undoes, runs[0]?.state, runs[0]?.who.user], [run, 'done', 'switch']);
    const { code } = await sandbox.server.run(['ls', '/var/lib/whm-ftp-passive/armed']);
    assert.notEqual(code, 0);
  });
});

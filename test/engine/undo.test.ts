import assert from 'node:assert/strict';
import type { Plan } from '../../src/core/plan.ts';
import type { Settings } from '../../src/core/settings.ts';
import { applyPlan } from '../../src/engine/apply.ts';
import { findConflict } from '../../src/engine/conflict.ts';
import type { Entry } from '../../src/engine/journal.ts';
import { makePlan } from '../../src/engine/planning.ts';
import { takeBack } from '../../src/engine/undo.ts';
import { parseListing } from '../../src/firewall/nftables/listing.ts';
import { nftables } from '../../src/firewall/nftables/nftables.ts';
import { CONF, LOCAL, MAIN } from '../ftp/cpanel.ts';
import { openLog, type KeptLog } from './log.ts';
import { BOOT, NFT, RESTART, settings, startServer, type Server } from './server.ts';

interface Done {
  readonly server: Server;
  readonly before: unknown;
  readonly plan: Plan;
  readonly entries: readonly Entry[];
}

async function applied(
  server = startServer({ local: 'TLS: 1\n' }),
  some: Partial<Settings> = {},
  run = 'r1',
): Promise<Done> {
  const before = server.state();
  const log = openLog(run);
  const plan = await makePlan(server.ports, settings(some));
  const ending = await applyPlan(server.ports, plan, settings(some), log, new AbortController().signal);
  assert.equal(ending.state, 'done', JSON.stringify(ending));
  server.calls.length = 0;
  return { server, before, plan, entries: log.entries };
}

async function undo({ server, plan, entries }: Done): Promise<{ problem: string | null; log: KeptLog }> {
  const log = openLog('u1');
  const left = await takeBack(server.ports, plan, entries, log);
  return { problem: left === null ? null : `${left.code}: ${left.message}`, log };
}

describe('undo', () => {
  it('brings every file back with its time, restarts the daemon, and takes our rule out', async () => {
    const done = await applied();
    const { problem, log } = await undo(done);
    assert.equal(problem, null);
    assert.deepEqual(done.server.state(), done.before);
    assert.deepEqual(log.marks, ['s6 undone', 's5 undone', 's3 undone', 's2 undone']);
    assert.deepEqual(
      done.server.calls.map((call) => call.split(' ')[0]),
      [RESTART, NFT],
    );
    assert.equal(done.server.daemon.conf, done.server.disk.text(CONF));
  });

  it('has the files back before the daemon starts, and the daemon before the firewall closes', async () => {
    const done = await applied();
    const { programs, disk, kernel, daemon } = done.server;
    const restart = programs.get(RESTART) ?? assert.fail();
    const seen: unknown[] = [];
    programs.set(RESTART, (argv, options) => {
      seen.push(disk.text(LOCAL), disk.text(MAIN), kernel.meet('ipv4', 50000).outcome);
      return restart(argv, options);
    });
    const nft = programs.get(NFT) ?? assert.fail();
    programs.set(NFT, (argv, options) => {
      if (options.stdin !== undefined) seen.push(daemon.conf === disk.text(CONF));
      return nft(argv, options);
    });
    assert.equal((await undo(done)).problem, null);
    assert.deepEqual(seen, ['TLS: 1\n', null, 'open', true]);
  });

  it('brings an earlier range back where it stood', async () => {
    const { server } = await applied(startServer(), { range: [30000, 35000] });
    server.kernel.load('add rule inet filter input drop comment "the last"');
    const done = await applied(server, { range: [50000, 51000] }, 'r2');
    assert.equal((await undo(done)).problem, null);
    assert.deepEqual(server.state(), done.before);
  });

  it('finds our rule among others that came and went', async () => {
    const done = await applied();
    const { kernel } = done.server;
    kernel.load('insert rule inet filter input ip saddr 198.51.100.9 drop\nadd rule inet filter input drop');
    assert.equal((await undo(done)).problem, null);
    const listing = kernel.listing();
    assert.ok(!listing.includes('ftp-passive'));
    assert.ok(listing.includes('198.51.100.9') && /\bdrop # handle/.test(listing));
  });

  it('has nothing to do in a firewall that lost our rule', async () => {
    const done = await applied();
    const { kernel } = done.server;
    const chains = parseListing(kernel.listing());
    const [ours] = nftables.ours(chains);
    const handle = chains[0]?.rules[ours?.index ?? -1]?.handle ?? assert.fail('it is not there');
    kernel.load(`delete rule inet filter input handle ${handle}`);
    assert.equal((await undo(done)).problem, null);
    assert.deepEqual(done.server.calls, [RESTART]);
  });
});

describe('undo after somebody changed a file', () => {
  const edits: readonly (readonly [
    what: string,
    path: string,
    edit: (server: Server) => void,
    diff: RegExp,
  ])[] = [
    ['a store was edited', LOCAL, ({ disk }) => disk.put(LOCAL, 'TLS: 2\n'), /^-TLS: 1\n\+TLS: 2$/m],
    ['the rendered file was edited', CONF, ({ disk }) => disk.put(CONF, 'TLS 3\n'), /^\+TLS 3$/m],
    ['the saved rules were removed', BOOT, ({ disk }) => disk.put(BOOT, null), /^-table inet filter \{$/m],
    [
      'only a mode was changed',
      LOCAL,
      ({ disk }) => disk.put(LOCAL, disk.text(LOCAL), 0o640),
      /PassivePortRange|ForcePassiveIP/,
    ],
  ];
  for (const [what, path, edit, diff] of edits) {
    it(`refuses with the diff and touches nothing when ${what}`, async () => {
      const done = await applied();
      edit(done.server);
      const before = done.server.state();
      const conflict = await findConflict(done.server.ports, done.entries);
      assert.equal(conflict?.code, 'change-conflict');
      assert.equal(
        conflict.message,
        `${path} was changed by someone else after the run; nothing was put back.`,
      );
      assert.match(conflict.detail ?? '', diff);
      assert.ok(conflict.detail?.includes(path));
      const { problem, log } = await undo(done);
      assert.equal(problem, `change-conflict: ${conflict.message}`);
      assert.deepEqual(done.server.state(), before);
      assert.deepEqual([done.server.calls, log.entries], [[], []]);
    });
  }

  it("does not take cPanel's own later rebuild of the same settings for a change", async () => {
    const done = await applied();
    done.server.rebuild();
    assert.equal(await findConflict(done.server.ports, done.entries), null);
  });

  it('minds only files that the run changed', async () => {
    const done = await applied(startServer(), { only: 'firewall' });
    done.server.disk.put(LOCAL, 'TLS: 2\n');
    assert.equal(await findConflict(done.server.ports, done.entries), null);
  });
});

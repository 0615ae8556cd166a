import assert from 'node:assert/strict';
import type { FileFact } from '../../../src/core/file.ts';
import { csf } from '../../../src/firewall/csf/csf.ts';
import { CONF, FAILED } from '../../../src/firewall/csf/files.ts';
import { MEMORY } from '../../../src/firewall/csf/memory.ts';
import type { Deed, FirewallFacts } from '../../../src/firewall/firewall.ts';
import { parseSaved } from '../../../src/firewall/iptables/saved.ts';
import { NO_RULES, type Chain } from '../../../src/firewall/ruleset.ts';
import { writeFiles } from '../../sandbox/files.ts';
import { csfFiles, type CsfOptions } from '../../sandbox/firewalls/csf/csf.ts';
import { BANNED } from '../../sandbox/firewalls/ports.ts';
import { ADDRESS, type Lab, startLab } from '../../sandbox/lab.ts';
import { ok } from '../../sandbox/machine.ts';
import { connectTo } from '../../sandbox/transfer.ts';
import { QUESTION } from './facts.ts';

const EDGES = [49151, 49152, 60000, 65534, 65535];
const KNOCK =
  'use IO::Socket::IP; IO::Socket::IP->new(LocalHost => shift, PeerHost => shift, PeerPort => 50000, Timeout => 2); print $!';
const BACKUP = '/var/lib/csf/backup';

describe('the deeds of CSF, done on its stand-in', function () {
  this.timeout(60_000);
  let lab: Lab;

  before(async () => {
    lab = await startLab({ nat: false, dedicated: false });
    await ok(lab.client.run(['ip', 'address', 'add', `${BANNED}/24`, 'dev', 'eth0']));
  });
  after(() => lab.stop());

  const sh = (script: string): Promise<string> => ok(lab.server.run(['sh', '-ec', script]));
  const install = async (options: CsfOptions = {}): Promise<void> => {
    await sh(`rm -rf /var/lib/csf ${MEMORY} ${FAILED}`);
    await writeFiles(lab.server, csfFiles(options));
    await sh('/usr/sbin/csf -sf');
  };
  const read = async (path: string): Promise<string | null> => {
    const { code, stdout } = await lab.server.run(['cat', path]);
    return code === 0 ? stdout : null;
  };
  const chains = async (family: 'ip' | 'ip6'): Promise<readonly Chain[]> => {
    const text = await sh(family === 'ip' ? 'iptables-save' : 'ip6tables-save');
    return parseSaved({ family, tool: 'iptables', text });
  };
  const facts = async (): Promise<FirewallFacts> => {
    const texts = await Promise.all(csf.files.map(async (path) => [path, await read(path)] as const));
    const files = texts.map(([path, text]): [string, FileFact | null] => [
      path,
      text === null ? null : { path, text, encoding: 'utf8', tag: '', mtimeMs: 0 },
    ]);
    const both = await Promise.all([chains('ip'), chains('ip6')]);
    return {
      files: new Map(files),
      chains: both.flat(),
      ruleset: NO_RULES,
      active: new Set(),
      mainInterface: 'eth0',
      enabled: new Set(),
    };
  };
  const done = async (deeds: readonly Deed[]): Promise<void> => {
    for (const deed of deeds) {
      if (deed.kind === 'write')
        await writeFiles(lab.server, { [deed.path]: { text: deed.after, mode: 0o600 } });
      else await ok(lab.server.run(deed.command), deed.command);
    }
  };
  /** First the files, those that commands change among them; then the commands' inverses, from the last on. */
  const undone = async (deeds: readonly Deed[], before: FirewallFacts): Promise<void> => {
    const paths = deeds.flatMap((deed) => (deed.kind === 'write' ? [deed.path] : (deed.touches ?? [])));
    for (const path of paths) {
      const text = before.files.get(path)?.text;
      if (text === undefined) await sh(`rm -f ${path}`);
      else await writeFiles(lab.server, { [path]: { text, mode: 0o600 } });
    }
    for (const deed of [...deeds].reverse()) {
      if (deed.kind === 'command') await ok(lab.server.run(deed.undo), deed.undo);
    }
  };
  /** Of the ports around the range, those at which a packet arrives: nobody listens, so the server refuses. */
  const arriving = async (address: string): Promise<number[]> => {
    const met = await connectTo(lab.client, EDGES, address);
    return EDGES.filter((port) => met.get(port) === 'refused');
  };
  const knock = (from: string): Promise<string> =>
    ok(lab.client.run(['perl', '-e', KNOCK, from, ADDRESS.public]));
  const inputs = async (): Promise<string[][]> => {
    const found = await Promise.all([chains('ip'), chains('ip6')]);
    return found.map((each) =>
      (each.find(({ chain }) => chain === 'INPUT')?.rules ?? []).map(({ text }) => text),
    );
  };

  it('open the range and nothing beside it in both families, keep bans, and are undone without a trace', async () => {
    await install();
    const before = await facts();
    const rulesBefore = await inputs();
    assert.deepEqual(await arriving(ADDRESS.public), []);
    assert.equal(csf.standing(before), 'active');
    assert.equal(csf.refusal(before, QUESTION), null);

    const opening = csf.open(before, QUESTION, true);
    await done(opening.deeds);
    assert.deepEqual(await Promise.all([ADDRESS.public, ADDRESS.ipv6].map(arriving)), [
      [49152, 60000, 65534],
      [49152, 60000, 65534],
    ]);
    assert.deepEqual(await Promise.all([BANNED, ADDRESS.client].map(knock)), [
      'Connection timed out',
      'Connection refused',
    ]);
    // What was tried is what CSF made, wherever above the final rule that is.
    for (const [at, rules] of (await inputs()).entries()) {
      const { text = '', before: index } = opening.trial[at] ?? {};
      const tried = rulesBefore[at]?.toSpliced(index ?? -1, 0, text) ?? [];
      assert.deepEqual([...rules].sort(), tried.sort());
      assert.match(rules.at(-1) ?? '', /-j LOGDROPIN$/);
    }
    assert.equal(await sh(`stat -c %a ${BACKUP}/*_ftp_passive_pre`), '600\n');
    const after = await facts();
    assert.equal(csf.keeps(after, QUESTION), true);
    assert.deepEqual(csf.opened(after), [QUESTION.range]);
    assert.deepEqual(csf.open(after, QUESTION, false).deeds, []);

    await undone(opening.deeds, before);
    assert.deepEqual(await inputs(), rulesBefore);
    assert.equal(await read(CONF), before.files.get(CONF)?.text);
    assert.equal(await read(MEMORY), null);
    assert.deepEqual(await arriving(ADDRESS.public), []);
  });

  it('move the range, and then close the former one', async () => {
    await install({ conf: { LFDSTART: '1' } });
    await done(csf.open(await facts(), QUESTION, true).deeds);
    const question = { ...QUESTION, range: [50000, 60000] as const };
    const between = await facts();
    assert.equal(csf.keeps(between, question), true);
    await done(csf.close(between, [QUESTION.range], question));
    assert.deepEqual(await Promise.all([ADDRESS.public, ADDRESS.ipv6].map(arriving)), [[60000], [60000]]);
    assert.deepEqual(csf.opened(await facts()), [question.range]);
  });

  it('are undone after a restart that failed and let everything in', async () => {
    await install();
    const before = await facts();
    const rulesBefore = await inputs();
    const { deeds } = csf.open(before, QUESTION, true);
    // Somebody breaks the conf between our write and the restart.
    await done(deeds.slice(0, -1));
    await sh(`sed -i 's/^UDP_IN = "/&1-2,/' ${CONF}`);
    const restart = deeds.at(-1);
    assert.ok(restart?.kind === 'command');
    assert.equal((await lab.server.run(restart.command)).code, 1);
    assert.deepEqual(await arriving(ADDRESS.public), EDGES);
    assert.match(csf.refusal(await facts(), QUESTION) ?? '', /csf\.error is there/);
    await undone(deeds, before);
    assert.deepEqual(await inputs(), rulesBefore);
    assert.equal(await read(FAILED), null);
  });
});

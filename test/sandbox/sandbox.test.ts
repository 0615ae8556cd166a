import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { writeFiles } from './files.ts';
import { ADDRESS } from './lab.ts';
import { CHECKOUT, ok, runOnHost, runs } from './machine.ts';
import { type Sandbox, startSandbox } from './sandbox.ts';
import { connectTo, probe, transfer } from './transfer.ts';

/** What of this host a sandbox could leave traces in. */
async function hostState(): Promise<string> {
  const links = await runOnHost(['ip', '-o', '-brief', 'address']);
  const rules = await runOnHost(['nft', 'list', 'ruleset']);
  const names = await runOnHost(['ip', 'netns', 'list']);
  return [links, rules, names, readFileSync('/proc/self/mountinfo', 'utf8')].join('\n');
}

describe('sandbox', function () {
  this.timeout(60_000);
  let sandbox: Sandbox;
  let hostBefore: string;

  before(async () => {
    hostBefore = await hostState();
    sandbox = await startSandbox();
  });
  after(() => sandbox.stop());

  it('has a client whose passive transfer fails, because a private address is named', async () => {
    const { pasv, epsv } = await probe(sandbox.client);
    assert.equal(pasv?.address, ADDRESS.local);
    assert.equal(pasv.data, 'unreachable');
    assert.equal(epsv?.data, 'unreachable');
    for (const judge of ['curl', 'lftp'] as const) {
      assert.equal((await transfer(sandbox.client, judge, 'PASV')).ok, false);
    }
  });

  it('has a firewall that opens the control ports and closes the passive range, in both families', async () => {
    for (const address of [ADDRESS.public, ADDRESS.ipv6]) {
      const met = await connectTo(sandbox.client, [21, 22, 2087, 3306, 50_000, 65_534], address);
      assert.deepEqual(
        [...met.values()],
        ['open', 'refused', 'open', 'unreachable', 'unreachable', 'unreachable'],
        address,
      );
    }
  });

  it('leaves the links, rules, names and mounts of the host as they are', async () => {
    assert.equal(await hostState(), hostBefore);
  });

  it('lets the transfer succeed when range and address are right, over PASV and EPSV', async () => {
    const { server, client } = sandbox;
    await ok(
      server.run([
        'nft',
        'insert',
        'rule',
        'inet',
        'filter',
        'INPUT',
        'tcp',
        'dport',
        '49152-65534',
        'accept',
      ]),
    );
    await writeFiles(server, {
      '/var/cpanel/conf/pureftpd/local': { text: `ForcePassiveIP: ${ADDRESS.public}\n` },
    });
    await ok(server.run(['rm', '-f', '/var/cpanel/conf/pureftpd/local.cache']));
    await ok(server.run(['/usr/local/cpanel/scripts/setupftpserver', 'pure-ftpd', '--force']));
    for (const mode of ['PASV', 'EPSV'] as const) {
      for (const judge of ['curl', 'lftp'] as const) {
        const { ok: done, sent, received, why } = await transfer(client, judge, mode);
        assert.ok(done, `${judge} ${mode}: ${why}`);
        assert.equal(received, sent);
      }
    }
    assert.ok((await transfer(client, 'curl', 'EPSV', ADDRESS.ipv6)).ok);
  });

  it('keeps its files through a reboot, and loads only the rules that were kept', async () => {
    await writeFiles(sandbox.server, { '/root/kept': { text: 'kept\n' }, '/tmp/lost': { text: 'lost\n' } });
    await sandbox.reboot();
    const { server, client } = sandbox;
    assert.equal(await ok(server.run(['cat', '/root/kept'])), 'kept\n');
    assert.equal((await server.run(['test', '-e', '/tmp/lost'])).code, 1);
    assert.doesNotMatch(await ok(server.run(['nft', 'list', 'ruleset'])), /49152-65534/);
    const { pasv } = await probe(client);
    assert.equal(pasv?.address, ADDRESS.public, 'the stores outlive a reboot');
    assert.equal(pasv.data, 'unreachable', 'an unsaved rule does not');
  });
});

describe('sandbox without NAT, with the Debian layout', function () {
  this.timeout(60_000);

  it('owns the public address itself, and tells the private one that it had before', async () => {
    const sandbox = await startSandbox({ nat: false, persist: 'debian', layout: 'ip-INPUT' });
    try {
      const { pasv, epsv } = await probe(sandbox.client);
      assert.equal(pasv?.address, ADDRESS.local);
      assert.equal(epsv?.data, 'unreachable');
      assert.equal(await ok(sandbox.server.run(['systemctl', 'is-enabled', 'nftables'])), 'enabled\n');
      await sandbox.reboot();
      assert.match(await ok(sandbox.server.run(['nft', 'list', 'ruleset'])), /table ip6 filter/);
    } finally {
      await sandbox.stop();
    }
  });

  it('drops what the layout with policy drop does not name', async () => {
    const sandbox = await startSandbox({ layout: 'inet-input' });
    try {
      const met = await connectTo(sandbox.client, [21, 50_000]);
      assert.deepEqual([...met.values()], ['open', 'timeout']);
    } finally {
      await sandbox.stop();
    }
  });

  it('has no rules at all when it is asked for none', async () => {
    const sandbox = await startSandbox({ firewall: 'none', nat: false });
    try {
      assert.equal(await ok(sandbox.server.run(['nft', 'list', 'ruleset'])), '');
      assert.ok((await transfer(sandbox.client, 'curl', 'EPSV')).ok);
    } finally {
      await sandbox.stop();
    }
  });
});

describe('end of a sandbox', function () {
  this.timeout(60_000);

  const program = `
    const { startSandbox } = await import('${CHECKOUT}/test/sandbox/sandbox.ts');
    const { server, client, router } = await startSandbox();
    console.log([server, client, router].map(({ pid }) => pid).join(' '));
    setInterval(() => undefined, 1000);`;

  it('takes every process with it when its owner is killed with SIGKILL', async () => {
    const hostBefore = await hostState();
    const owner = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
      cwd: CHECKOUT,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(owner.stdout.setEncoding('utf8'), 'data')) as [string];
    const pids = line.trim().split(' ');
    assert.equal(pids.length, 3);
    const inside = pids.flatMap(processesOf);
    assert.ok(inside.length > 5, 'the server runs several processes');
    owner.kill('SIGKILL');
    await gone(inside);
    assert.equal(await hostState(), hostBefore);
  });

  it('takes every process with it when it is stopped', async () => {
    const sandbox = await startSandbox();
    const { server, client, router } = sandbox;
    const inside = [server, client, router].flatMap(({ pid }) => processesOf(String(pid)));
    await sandbox.stop();
    await gone(inside);
  });
});

/** The processes of the machine whose first process this is, by the host's numbers. */
function processesOf(first: string): string[] {
  const namespace = readlinkSync(`/proc/${first}/ns/pid`);
  return readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readlinkSync(`/proc/${name}/ns/pid`) === namespace;
    } catch {
      return false;
    }
  });
}

async function gone(pids: readonly string[]): Promise<void> {
  const left = (): string[] => pids.filter((pid) => runs(Number(pid)));
  for (const deadline = Date.now() + 5000; left().length > 0 && Date.now() < deadline;) await delay(20);
  assert.deepEqual(left(), []);
}

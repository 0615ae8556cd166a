import assert from 'node:assert/strict';
import { ADDRESS } from '../sandbox/lab.ts';
import { startSandbox, type Sandbox, type SandboxOptions } from '../sandbox/sandbox.ts';
import { connectTo, probe, transfer } from '../sandbox/transfer.ts';
import { cli, daemonPid, json, rules, snapshot } from './scene.ts';

const EVERY: readonly SandboxOptions[] = [
  { nat: true, layout: 'inet-INPUT', persist: 'redhat' },
  { nat: false, layout: 'inet-input', persist: 'debian' },
  { nat: true, layout: 'ip-INPUT', persist: 'redhat' },
];

/** Ends of the range, its neighbours, its middle, and ports that are nobody's and everybody's. */
const SAMPLES = [21, 22, 2087, 3389, 49151, 49152, 49153, 57000, 65533, 65534, 65535];

for (const options of EVERY) {
  const name = `${options.layout ?? ''}, ${options.persist ?? ''}, ${options.nat === true ? 'behind NAT' : 'no NAT'}`;
  describe(`the main job (${name})`, function () {
    this.timeout(120_000);
    let sandbox: Sandbox;
    let first = { files: '', rules: '' };

    before(async () => {
      sandbox = await startSandbox(options);
      first = { files: await snapshot(sandbox.server), rules: await rules(sandbox.server) };
    });
    after(() => sandbox.stop());

    it('finds what is wrong and why', async () => {
      const { code, document } = await json(sandbox.server, 'status');
      assert.equal(code, 1);
      assert.equal(document.ok, false);
      assert.deepEqual(
        [document.ftp.server, document.ftp.running, document.nat.behind, document.firewall.active],
        ['pure-ftpd', true, options.nat, 'nftables'],
      );
      const ids = document.findings.filter(({ level }) => level === 'bad').map(({ id }) => id);
      const blocked = ['range-blocked-ipv4', 'range-blocked-ipv6', 'boot-blocked'];
      assert.deepEqual(ids, ['address-wrong', ...blocked]);
    });

    it('starts where a passive transfer from the internet fails', async () => {
      for (const mode of ['PASV', 'EPSV'] as const) {
        assert.equal((await transfer(sandbox.client, 'curl', mode)).ok, false, mode);
      }
    });

    it('says of the firewall what real connections meet', () => agreesWithConnections(sandbox));

    it('sets passive FTP up and proves it', async () => {
      const { code, document } = await json(sandbox.server, 'apply', '--yes');
      assert.equal(code, 0, JSON.stringify(document));
      assert.deepEqual([document.state, document.changed], ['done', true]);
      const { document: status } = await json(sandbox.server, 'status');
      assert.equal(status.ok, true, JSON.stringify(status.findings));
    });

    it('ends where transfers work over PASV and EPSV with two strict clients', () => transfersWork(sandbox));

    it('says so of the firewall too', () => agreesWithConnections(sandbox));

    it('keeps the banned address out', async () => {
      const { code } = await cli(sandbox.server, 'reach', '49152-65534', '--from', '198.51.100.66');
      assert.equal(code, 1);
    });

    it('proves it again on request', async () => {
      const { code, document } = await json(sandbox.server, 'verify');
      const { checks, ok } = document;
      const rest = checks.filter(({ result }) => result !== 'pass');
      // From a server behind NAT no way leads to its own public address.
      const skips = options.nat === true ? ['pasv-advertised'] : [];
      assert.deepEqual(
        rest.map(({ id, result }) => `${id} ${result}`),
        skips.map((id) => `${id} skip`),
      );
      assert.deepEqual([code, ok], [0, true]);
    });

    it('does nothing the second time', async () => {
      const before = [
        await snapshot(sandbox.server),
        await daemonPid(sandbox.server),
        await rules(sandbox.server),
      ];
      const { code, document } = await json(sandbox.server, 'apply', '--yes');
      assert.deepEqual([code, document], [0, { run: null, state: 'nothing-to-do', changed: false }]);
      const now = [
        await snapshot(sandbox.server),
        await daemonPid(sandbox.server),
        await rules(sandbox.server),
      ];
      assert.deepEqual(now, before);
    });

    it('puts every byte back, and then the transfer fails as before', async () => {
      const { code, document } = await json(sandbox.server, 'undo', '--yes');
      assert.deepEqual([code, document.state, document.changed], [0, 'done', false]);
      assert.deepEqual(changes(bytesOnly(first.files), bytesOnly(await snapshot(sandbox.server))), []);
      assert.equal(await rules(sandbox.server), first.rules);
      assert.equal((await transfer(sandbox.client, 'curl', 'EPSV')).ok, false);
      assert.equal((await probe(sandbox.client)).pasv?.address, ADDRESS.local);
    });

    it('has nothing left to put back', async () => {
      const { code, stderr } = await cli(sandbox.server, 'undo', '--yes');
      assert.deepEqual([code, stderr.trim().split('\n').length], [1, 1]);
    });

    it('still works after a reboot', async () => {
      assert.equal((await cli(sandbox.server, 'apply', '--yes')).code, 0);
      await sandbox.reboot();
      await transfersWork(sandbox);
      await agreesWithConnections(sandbox);
    });
  });
}

async function transfersWork(sandbox: Sandbox): Promise<void> {
  for (const mode of ['PASV', 'EPSV'] as const) {
    for (const judge of ['curl', 'lftp'] as const) {
      const done = await transfer(sandbox.client, judge, mode);
      assert.ok(done.ok, `${judge} ${mode}: ${done.why}`);
    }
  }
  assert.ok((await transfer(sandbox.client, 'curl', 'EPSV', ADDRESS.ipv6)).ok, 'IPv6');
}

/** cPanel's own scripts touch files of theirs and leave a lock beside their accounts; its bytes must be the same. */
function bytesOnly(files: string): string {
  return files.replace(/ \d+\.\d+$/gm, '').replace(/^.*passwd\.vhosts\.lock.*\n/gm, '');
}

/** Lines that stand in one snapshot only: a whole one is too long to read in a failure. */
function changes(before: string, after: string): string[] {
  const [was, is] = [new Set(before.split('\n')), new Set(after.split('\n'))];
  return [...was].filter((line) => !is.has(line)).concat([...is].filter((line) => !was.has(line)));
}

/** What the twin says of sampled ports, and what a client on the internet meets, in both families. */
async function agreesWithConnections(sandbox: Sandbox): Promise<void> {
  const { document } = await json(sandbox.server, 'reach', '1-65535', '--from', ADDRESS.client);
  const { document: six } = await json(sandbox.server, 'reach', '1-65535', '--from', ADDRESS.clientIpv6);
  for (const [reach, host] of [
    [document.ipv4, ADDRESS.public],
    [six.ipv6, ADDRESS.ipv6],
  ] as const) {
    assert.equal(reach?.method, 'twin', reach?.reason);
    const met = await connectTo(sandbox.client, SAMPLES, host);
    for (const port of SAMPLES) {
      const twin = reach.open.some(([low, high]) => port >= low && port <= high);
      // Nothing listens on most ports: a kernel that refuses by itself has let the packet in.
      const real = met.get(port) === 'open' || met.get(port) === 'refused';
      assert.equal(
        twin,
        real,
        `${host} port ${port}: the twin says ${twin ? 'open' : 'blocked'}, a client met ${met.get(port) ?? ''}`,
      );
    }
  }
}

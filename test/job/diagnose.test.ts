import assert from 'node:assert/strict';
import { ADDRESS } from '../sandbox/lab.ts';
import { CHECKOUT } from '../sandbox/machine.ts';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { cli } from './scene.ts';

interface Document {
  readonly cause: string | null;
  readonly title: string;
  readonly fact: string | null;
  readonly evidence: { readonly line: number; readonly text: string } | null;
  readonly alternatives: readonly { readonly cause: string }[];
}

const STRICT = ['--disable-epsv', '--no-ftp-skip-pasv-ip'];

describe('a diagnosis of a real client’s log on the server', function () {
  this.timeout(120_000);
  let sandbox: Sandbox;

  before(async () => (sandbox = await startSandbox({ nat: true })));
  after(() => sandbox.stop());

  /** What curl on the internet writes, piped into the verb on the server. */
  async function diagnosed(...options: string[]): Promise<{ code: number | null; document: Document }> {
    const { client, server, ftpUser } = sandbox;
    const login = ['--user', `${ftpUser.name}:${ftpUser.password}`, `ftp://${ADDRESS.public}/`];
    const log = await client.run(['curl', '-sv', '--connect-timeout', '4', '-m', '12', ...options, ...login]);
    const verb = [`${CHECKOUT}/plugin/bin/ftp-passive`, 'diagnose', '-', '--json'];
    const { code, stdout } = await server.run(verb, { stdin: log.stderr + log.stdout });
    assert.doesNotMatch(stdout, new RegExp(ftpUser.password));
    return { code, document: JSON.parse(stdout) as Document };
  }

  it('names the address, with this server’s NAT, and the firewall beside it', async () => {
    const { code, document } = await diagnosed(...STRICT);
    assert.deepEqual([code, document.cause], [0, 'nat-address']);
    assert.match(document.evidence?.text ?? '', /227 Entering Passive Mode \(10,0,0,5,/);
    assert.match(document.fact ?? '', /behind NAT \(10\.0\.0\.5 is 203\.0\.113\.10 outside\)/);
    const lenient = await diagnosed('--disable-epsv');
    assert.equal(lenient.document.cause, 'nat-address');
    assert.match(
      lenient.document.fact ?? '',
      /The firewall here \(nftables\) \w+ 49152-65534 over IPv4, by: /,
    );
    assert.ok(lenient.document.alternatives.some(({ cause }) => cause === 'host-firewall'));
  });

  it('names this server’s firewall and its rule, once the address is right', async () => {
    const { code } = await cli(sandbox.server, 'apply', '--yes', '--only', 'ftp');
    assert.equal(code, 0);
    const { document } = await diagnosed(...STRICT);
    assert.equal(document.cause, 'host-firewall');
    assert.match(document.fact ?? '', /The firewall here \(nftables\) \w+ 49152-65534 over IPv4, by: /);
  });

  it('has nothing to say when transfers work', async () => {
    const applied = await cli(sandbox.server, 'apply', '--yes');
    assert.equal(applied.code, 0, applied.stderr);
    const { code, document } = await diagnosed(...STRICT);
    assert.deepEqual([code, document.cause], [3, null]);
    assert.match(document.title, /All transfers in this log succeed/);
  });

  it('looks outside when the provider drops what this server lets in', async () => {
    const drop = 'insert rule inet provider FORWARD iifname "wan" tcp dport 49152-65534 drop';
    const table =
      'add table inet provider; add chain inet provider FORWARD { type filter hook forward priority 0; }';
    const blocked = await sandbox.router.run(['nft', '-f', '-'], { stdin: `${table}\n${drop}\n` });
    assert.equal(blocked.code, 0, blocked.stderr);
    const { code, document } = await diagnosed(...STRICT);
    assert.deepEqual([code, document.cause], [0, 'provider-firewall']);
    assert.match(document.fact ?? '', /lets port \d+ in over IPv4, so this server is right now/);
  });
});

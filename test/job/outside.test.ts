import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Judgement } from '../../src/outside/judgement.ts';
import type { LastProof } from '../../src/outside/last.ts';
import { ADDRESS } from '../sandbox/lab.ts';
import { CHECKOUT } from '../sandbox/machine.ts';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { cli, shell } from './scene.ts';

const PROGRAM = `${CHECKOUT}/plugin/bin/ftp-passive`;

/** What waits, as the verb prints it. */
interface Waiting {
  readonly address: string;
  readonly ports: readonly number[];
  readonly witnesses: readonly number[];
  readonly commands: Readonly<Record<'bash' | 'curl' | 'powershell', string>>;
}

interface Proven extends Judgement {
  readonly code: number | null;
  readonly waiting: Waiting;
  /** What the command printed on the client. */
  readonly said: string;
}

/**
 * Runs the verb, and one of its commands on the internet's client while it waits. Where something is missing it waits
 * for the rest, until a line says that all was tried.
 */
async function prove(
  { server, client }: Sandbox,
  before: (waiting: Waiting) => Promise<unknown> = () => Promise.resolve(),
  shellName: 'bash' | 'curl' = 'bash',
): Promise<Proven> {
  const verb = server.spawn([PROGRAM, 'outside', '--json']);
  assert.ok(verb.stdout);
  const lines = createInterface(verb.stdout)[Symbol.asyncIterator]();
  const line = async (): Promise<string> => String((await lines.next()).value);
  const ended = once(verb, 'exit');
  const { waiting } = JSON.parse(await line()) as { waiting: Waiting };
  await before(waiting);
  const ran = await client.run(['bash', '-c', waiting.commands[shellName]]);
  verb.stdin?.on('error', () => undefined).end('\n');
  const found = JSON.parse(await line()) as Judgement;
  const [code] = (await ended) as [number | null];
  return { ...found, code, waiting, said: ran.stdout };
}

const resultsOf = ({ ports }: Judgement): Record<string, number> =>
  ports.reduce<Record<string, number>>(
    (counts, { result }) => ({ ...counts, [result]: (counts[result] ?? 0) + 1 }),
    {},
  );

describe('the proof from outside', function () {
  this.timeout(120_000);
  let sandbox: Sandbox;

  /** The provider's own firewall, before the server. */
  const wall = (rule: string): Promise<string> =>
    shell(
      sandbox.router,
      `nft 'add table inet wall; add chain inet wall forward { type filter hook forward priority -10; }; add rule inet wall forward iifname wan ${rule}'`,
    );
  /** Has clients told this address, or none. @returns how to end that */
  const telling = async (address: string | null): Promise<() => Promise<string>> => {
    const conf = '/etc/pure-ftpd.conf';
    const restart = '/usr/local/cpanel/scripts/restartsrv_ftpd >/dev/null';
    const line = address === null ? '' : `ForcePassiveIP ${address}`;
    await shell(
      sandbox.server,
      `cp -p ${conf} /root/conf; sed -i 's/^ForcePassiveIP .*/${line}/' ${conf}; ${restart}`,
    );
    return () => shell(sandbox.server, `cp -p /root/conf ${conf}; ${restart}`);
  };
  const noWall = (): Promise<string> => shell(sandbox.router, 'nft delete table inet wall 2>/dev/null || :');

  before(async () => {
    sandbox = await startSandbox({ layout: 'inet-input', persist: 'debian' });
  });
  after(() => sandbox.stop());
  afterEach(noWall);

  it('names this server’s own rule where that blocks, and asks for no try', async () => {
    const { code, stdout } = await cli(sandbox.server, 'outside', '--json');
    const { verdict, doubts, ports } = JSON.parse(stdout) as Judgement;
    assert.deepEqual([code, verdict, doubts], [1, 'here', ['not-told']]);
    assert.match(ports[0]?.rule ?? '', /^inet filter input: policy drop/);
  });

  describe('of a server that is set up', () => {
    before(async () => {
      const { code, stderr } = await cli(sandbox.server, 'apply', '--yes');
      assert.equal(code, 0, stderr);
    });

    for (const name of ['bash', 'curl'] as const)
      it(`shows that an open range is open, by ${name}`, async () => {
        const proven = await prove(sandbox, undefined, name);
        assert.deepEqual([proven.code, proven.verdict, proven.doubts], [0, 'open', []]);
        assert.deepEqual([proven.waiting.address, resultsOf(proven)], [ADDRESS.public, { arrived: 10 }]);
        assert.ok(proven.ports.every(({ from }) => from.join() === ADDRESS.client));
        assert.equal(proven.said.match(/arrived$/gm)?.length, 10);
      });

    it('frees the ports again', async () => {
      const { waiting } = await prove(sandbox);
      const listening = await shell(sandbox.server, 'ss -Hltn');
      for (const port of waiting.ports) assert.ok(!listening.includes(`:${port} `), listening);
    });

    it('keeps what it came to, for root alone', async () => {
      const place = '/var/lib/whm-ftp-passive/outside.json';
      const { verdict, address } = JSON.parse(await shell(sandbox.server, `cat ${place}`)) as LastProof;
      assert.deepEqual([verdict, address], ['open', ADDRESS.public]);
      assert.equal(await shell(sandbox.server, `stat -c %a ${place}`), '600\n');
    });

    it('claims nothing when it is given up', async () => {
      const argv = ['timeout', '--preserve-status', '-s', 'INT', '4', PROGRAM, 'outside'];
      const { code, stdout } = await sandbox.server.run(argv);
      assert.equal(code, 3, stdout);
      assert.match(stdout, /^Not all arrived, and nothing shows that all was tried\.$/m);
    });

    it('proves nothing while clients are told a local address', async () => {
      const restore = await telling(null);
      const { code, verdict, doubts } = await prove(sandbox);
      assert.deepEqual([code, verdict, doubts], [3, 'unproven', ['not-told']]);
      await restore();
    });

    it('names one port that is blocked at the router only as blocked outside', async () => {
      let victim = 0;
      const proven = await prove(sandbox, ({ ports: [, , , port = 0] }) =>
        wall(`tcp dport ${(victim = port)} drop`),
      );
      assert.deepEqual([proven.code, proven.verdict], [1, 'part']);
      assert.deepEqual(
        proven.ports.filter(({ result }) => result !== 'arrived').map(({ port, result }) => [port, result]),
        [[victim, 'outside']],
      );
    });

    it('tells a whole range that is blocked at the router', async () => {
      const proven = await prove(sandbox, () => wall('tcp dport 49152-65534 drop'));
      assert.deepEqual([proven.code, proven.verdict, resultsOf(proven)], [1, 'outside', { outside: 10 }]);
    });

    it('tells a wrong address from a range that is blocked', async () => {
      const restore = await telling('203.0.113.99');
      const proven = await prove(sandbox);
      assert.deepEqual(
        [proven.code, proven.waiting.address, proven.verdict, resultsOf(proven)],
        [1, '203.0.113.99', 'wrong-address', { elsewhere: 8 }],
      );
      assert.deepEqual(proven.doubts, ['unknown-address']);
      const both = await prove(sandbox, () => wall('tcp dport 49152-65534 drop'));
      assert.deepEqual([both.verdict, both.doubts], ['outside', ['unknown-address']]);
      await restore();
    });

    it('leaves passive FTP working while it listens, and is alone on the server', async () => {
      let verified: number | null = null;
      const { verdict } = await prove(sandbox, async () => {
        ({ code: verified } = await cli(sandbox.server, 'verify'));
        const second = await cli(sandbox.server, 'outside');
        assert.equal(second.code, 3);
        assert.match(second.stderr, /Another test from outside is under way on this server/);
      });
      assert.deepEqual([verified, verdict], [0, 'open']);
    });
  });
});

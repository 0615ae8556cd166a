import assert from 'node:assert/strict';
import {
  openProofs,
  PATIENCE,
  type Asker,
  type Heard,
  type ProofParts,
  type Proofs,
} from '../../src/outside/proofs.ts';
import type { Proof } from '../../src/outside/proof.ts';
import { Problem } from '../../src/core/problem.ts';
import { BLOCKED, OPEN } from './samples.ts';

const ROOT: Asker = { user: 'root', isRoot: true, visitor: '198.51.100.20', name: 'server.example' };
const TLS = Uint8Array.of(0x16, 0x03, 0x01);

/** A server in memory: what listens, and the clock's end. */
function world(change: Partial<ProofParts> = {}): {
  proofs: Proofs;
  listening: Set<number>;
  asked: (string | null)[];
  come(port: number, said: string | Uint8Array, from?: string): string;
  timeUp(): void;
} {
  const listening = new Set<number>();
  const asked: (string | null)[] = [];
  let hear: Heard = () => assert.fail('nobody listens');
  let timeUp = (): void => undefined;
  let tokens = 0;
  const proofs = openProofs({
    status: () =>
      Promise.resolve({
        wanted: [49152, 65534] as const,
        status: {
          ftp: {
            ...{ server: 'pure-ftpd' as const, running: true },
            range: { configured: null, rendered: null, live: null },
            passiveAddress: { configured: null, rendered: '203.0.113.10', live: '203.0.113.10' },
          },
          nat: { behind: true, addresses: [{ local: '10.0.0.5', public: '203.0.113.10' }] },
        },
      }),
    held: () => Promise.resolve(['10.0.0.5']),
    vendor: () => Promise.resolve('Hetzner'),
    busyPorts: () => Promise.resolve(new Set([49152])),
    listen(ports, heard) {
      for (const port of ports) listening.add(port);
      hear = heard;
      return Promise.resolve({
        ports,
        close() {
          listening.clear();
          return Promise.resolve();
        },
      });
    },
    reach(_range, _address, from) {
      asked.push(from);
      return Promise.resolve(OPEN);
    },
    now: () => 1000,
    sleep: () => new Promise((resolve) => (timeUp = resolve)),
    token: () => `token-${++tokens}`,
    pick: () => 0,
    ...change,
  });
  const come = (port: number, said: string | Uint8Array, from = '198.51.100.20'): string =>
    hear({ port, from, bytes: typeof said === 'string' ? Buffer.from(said) : said });
  return { proofs, listening, asked, come, timeUp: () => timeUp() };
}

const everyPort = ({ ports, witnesses }: Proof): number[] => [...ports, ...witnesses];

describe('a proof from outside', () => {
  it('listens on free ports of the range and knows its end', async () => {
    const { proofs, listening } = world();
    const proof = await proofs.begin('browser', ROOT);
    assert.deepEqual([...listening].sort(), everyPort(proof).sort());
    assert.equal(proof.ports[0], 49153);
    assert.equal(proof.until, 1000 + PATIENCE.browser * 1000);
    assert.equal((await proofs.look(proof.id)).judgement.verdict, 'waiting');
  });

  it('is over when all have come, and listens no more', async () => {
    const { proofs, listening, come } = world();
    const proof = await proofs.begin('browser', ROOT);
    for (const port of everyPort(proof)) assert.equal(come(port, TLS), '');
    await proofs.ended(proof.id);
    assert.equal(listening.size, 0);
    const { over, judgement } = await proofs.look(proof.id);
    assert.deepEqual([over, judgement.verdict], [true, 'open']);
  });

  it('answers the token, and nothing else', async () => {
    const { proofs, come } = world();
    const proof = await proofs.begin('command', ROOT);
    assert.equal(come(proof.ports[0] ?? 0, `${proof.token}\n`), 'arrived');
    assert.equal(come(proof.ports[1] ?? 0, `GET /${proof.token} HTTP/1.1\r\n`), 'arrived');
    assert.equal(come(proof.ports[2] ?? 0, 'GET / HTTP/1.1\r\n'), '');
    assert.equal((await proofs.look(proof.id)).judgement.ports[2]?.result, 'waiting');
  });

  it('is over when its time is, and says that nothing came', async () => {
    const { proofs, listening, timeUp } = world();
    const { id } = await proofs.begin('command', ROOT);
    timeUp();
    await proofs.ended(id);
    assert.equal(listening.size, 0);
    assert.equal((await proofs.look(id)).judgement.verdict, 'nothing');
  });

  it('is over when the browser has tried all', async () => {
    const { proofs, asked } = world();
    const { id } = await proofs.begin('browser', ROOT);
    await proofs.end(id, true);
    assert.equal((await proofs.look(id)).judgement.verdict, 'outside');
    await proofs.look(id);
    assert.deepEqual(asked, [null, '198.51.100.20'], 'the firewall is asked once for each');
  });

  it('asks the firewall about whoever came', async () => {
    const { proofs, asked, come } = world();
    const { id, token, ports } = await proofs.begin('command', { ...ROOT, visitor: '192.0.2.7' });
    come(ports[0] ?? 0, `${token}\n`, '198.51.100.99');
    await proofs.end(id, false);
    await proofs.look(id);
    assert.deepEqual(asked, [null, '198.51.100.99']);
  });

  it('is over for a new one of the same person, and busy for others', async () => {
    const { proofs, listening } = world();
    const first = await proofs.begin('command', ROOT);
    await assert.rejects(
      proofs.begin('browser', { ...ROOT, user: 'rita', isRoot: false }),
      (error) => error instanceof Problem && error.code === 'busy' && /in 180 seconds/.test(error.message),
    );
    const second = await proofs.begin('browser', ROOT);
    assert.equal((await proofs.look(first.id)).over, true);
    assert.deepEqual([...listening].sort(), everyPort(second).sort());
  });

  it('is over when root begins another', async () => {
    const { proofs } = world();
    const { id } = await proofs.begin('command', { ...ROOT, user: 'rita', isRoot: false });
    await proofs.begin('browser', ROOT);
    assert.equal((await proofs.look(id)).over, true);
  });

  it('is refused when no port could be had', async () => {
    const { proofs } = world({
      listen: () => Promise.resolve({ ports: [], close: () => Promise.resolve() }),
    });
    await assert.rejects(
      proofs.begin('browser', ROOT),
      (error) => error instanceof Problem && error.code === 'unsupported',
    );
  });

  it('names what of this server blocks', async () => {
    const { proofs } = world({ reach: () => Promise.resolve(BLOCKED) });
    const { id } = await proofs.begin('browser', ROOT);
    await proofs.end(id, true);
    assert.equal((await proofs.look(id)).judgement.verdict, 'here');
  });

  it('tries no port from a browser that browsers refuse', async () => {
    const { proofs } = world({
      status: () =>
        Promise.resolve({
          wanted: [6665, 6672] as const,
          status: {
            ftp: {
              ...{ server: 'proftpd' as const, running: true },
              range: { configured: null, rendered: null, live: null },
              passiveAddress: { configured: null, rendered: '203.0.113.10', live: null },
            },
            nat: { behind: false, addresses: [] },
          },
        }),
    });
    assert.deepEqual(everyPort(await proofs.begin('browser', ROOT)), [6670]);
  });
});

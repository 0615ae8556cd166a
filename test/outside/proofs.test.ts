import assert from 'node:assert/strict';
import { Problem } from '../../src/core/problem.ts';
import type { Reach } from '../../src/core/reach.ts';
import { PATIENCE } from '../../src/outside/proofs.ts';
import { BLOCKED, OPEN } from './samples.ts';
import { everyPort, RITA, ROOT, TLS, world } from './world.ts';

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
    for (const port of proof.ports) assert.equal(come(port, TLS), '');
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
    const both = [null, '198.51.100.20'];
    assert.deepEqual(asked, [...both, ...both], 'the firewall is asked before and after, once for each');
  });

  it('is over when the browser has met an end of each try, and one that arrived shows that they were made', async () => {
    const { proofs, come } = world();
    const { id, ports } = await proofs.begin('browser', ROOT);
    come(ports[0] ?? 0, TLS);
    await proofs.end(id, false);
    assert.equal((await proofs.look(id)).judgement.verdict, 'part');
  });

  it('asks the firewall about whoever came', async () => {
    const { proofs, asked, come } = world();
    const { id, token, ports } = await proofs.begin('command', { ...ROOT, visitor: '192.0.2.7' });
    come(ports[0] ?? 0, `${token}\n`, '198.51.100.99');
    await proofs.end(id, false);
    await proofs.look(id);
    assert.deepEqual(asked, [null, null, '198.51.100.99']);
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

  for (const by of ['browser', 'command'] as const)
    it(`asks no ${by} to try what this server blocks, and is over at once`, async () => {
      const { proofs, listening, locks } = world({ reach: () => Promise.resolve(BLOCKED) });
      const { id, ports, withheld } = await proofs.begin(by, ROOT);
      assert.deepEqual([listening.size, ports.length > 0, withheld], [0, true, BLOCKED.blocked]);
      await proofs.ended(id);
      const { over, judgement } = await proofs.look(id);
      assert.deepEqual([over, judgement.verdict, locks()], [true, 'here', 0]);
    });

  it('tries what this server lets in, and is over when that has come', async () => {
    const [all] = BLOCKED.blocked;
    assert.ok(all);
    const some: Reach = { ...BLOCKED, open: [[49152, 59999]], blocked: [{ ...all, range: [60000, 65534] }] };
    const { proofs, listening, come } = world({ reach: () => Promise.resolve(some) });
    const { id, ports } = await proofs.begin('browser', ROOT);
    const tried = ports.filter((port) => port < 60_000);
    assert.ok(tried.length < ports.length && [...listening].every((port) => port < 60_000));
    for (const port of tried) come(port, TLS);
    await proofs.ended(id);
    assert.equal((await proofs.look(id)).judgement.verdict, 'part');
  });

  it('asks the firewall about the browser’s own address first', async () => {
    const { proofs, asked } = world();
    await proofs.begin('browser', ROOT);
    assert.deepEqual(asked, [null, '198.51.100.20']);
  });

  it('has room for the visitor whatever else knocks', async () => {
    const { proofs, come } = world();
    const { id, ports } = await proofs.begin('browser', ROOT);
    for (let host = 0; host < 300; host++) come(ports[0] ?? 0, TLS, `192.0.${host >> 8}.${host & 255}`);
    for (const port of ports) come(port, TLS);
    await proofs.ended(id);
    const { judgement } = await proofs.look(id);
    assert.deepEqual([judgement.verdict, judgement.doubts], ['open', []]);
  });

  it('asks the firewall anew when it could not be asked', async () => {
    let calls = 0;
    const { proofs } = world({
      reach: () => (++calls === 2 ? Promise.reject(new Error('no memory')) : Promise.resolve(OPEN)),
    });
    const { id } = await proofs.begin('command', ROOT);
    await proofs.end(id, true);
    await assert.rejects(proofs.look(id), /no memory/);
    assert.equal((await proofs.look(id)).judgement.verdict, 'outside');
  });

  it('keeps what the last one showed, and nothing of one that showed nothing', async () => {
    const { proofs, kept, come } = world();
    const { ports, id } = await proofs.begin('browser', ROOT);
    for (const port of ports) come(port, TLS);
    await proofs.look(id);
    const nothing = await proofs.begin('command', ROOT);
    await proofs.end(nothing.id, false);
    await proofs.look(nothing.id);
    const last = await proofs.lastProof();
    assert.equal(kept.length, 1);
    assert.deepEqual([last?.verdict, last?.address, last?.user], ['open', '203.0.113.10', 'root']);
    assert.deepEqual(last?.ports[0], { port: 49153, result: 'arrived' });
    const unread = world({ lastProof: () => Promise.reject(new Error('a directory')) });
    assert.equal(await unread.proofs.lastProof(), null);
  });

  it('keeps nothing of which only the word of a reseller tells', async () => {
    for (const [asker, verdicts] of [
      [RITA, []],
      [ROOT, ['outside']],
    ] as const) {
      const { proofs, kept } = world();
      const { id } = await proofs.begin('browser', asker);
      await proofs.end(id, true);
      assert.equal((await proofs.look(id)).judgement.verdict, 'outside');
      assert.deepEqual(
        kept.map(({ verdict }) => verdict),
        verdicts,
      );
    }
  });

  it('waits a moment for what is to be compared, when all ports have come', async () => {
    let goOn = (): void => undefined;
    const { proofs, come, listening } = world({
      sleep: (ms) => new Promise((resolve) => (ms < 1000 ? (goOn = resolve) : undefined)),
    });
    const { id, ports, witnesses } = await proofs.begin('browser', ROOT);
    for (const port of ports) come(port, TLS);
    assert.ok(listening.size > 0 && witnesses.length > 0);
    goOn();
    await proofs.ended(id);
    assert.equal(listening.size, 0);
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

import assert from 'node:assert/strict';
import { Problem } from '../../src/core/problem.ts';
import { everyPort, RITA, ROOT, world } from './world.ts';

describe('the turn of a proof from outside', () => {
  it('is over for a new one of the same person, and busy for others', async () => {
    const { proofs, listening } = world();
    const first = await proofs.begin('command', ROOT);
    await assert.rejects(
      proofs.begin('browser', RITA),
      (error) => error instanceof Problem && error.code === 'busy' && /in 180 seconds/.test(error.message),
    );
    const second = await proofs.begin('browser', ROOT);
    assert.equal((await proofs.look(first.id)).over, true);
    assert.deepEqual([...listening].sort(), everyPort(second).sort());
  });

  it('is over when root begins another', async () => {
    const { proofs } = world();
    const { id } = await proofs.begin('command', RITA);
    await proofs.begin('browser', ROOT);
    assert.equal((await proofs.look(id)).over, true);
  });

  it('is alone on the server while it listens', async () => {
    const { proofs, locks } = world();
    const { id } = await proofs.begin('command', ROOT);
    assert.equal(locks(), 1);
    await proofs.end(id, true);
    assert.equal(locks(), 0);
    const refused = world({ lock: () => Promise.reject(new Problem('busy', 'Another one.')) });
    await assert.rejects(refused.proofs.begin('command', ROOT), /Another one/);
    assert.equal(refused.listening.size, 0);
  });

  it('lets others begin when it could not', async () => {
    const { proofs, locks } = world({ busyPorts: () => Promise.reject(new Error('no list')) });
    await assert.rejects(proofs.begin('command', ROOT), /no list/);
    assert.equal(locks(), 0);
  });

  it('is begun once a minute by who is not root', async () => {
    const { proofs, pass } = world();
    const begin = async (): Promise<unknown> => proofs.begin('command', RITA);
    await begin();
    pass(20_000);
    await assert.rejects(
      begin(),
      (error) => error instanceof Problem && error.code === 'busy' && /in 40 seconds/.test(error.message),
    );
    await proofs.begin('command', ROOT);
    pass(40_000);
    await proofs.close();
    await assert.doesNotReject(begin());
  });

  it('ends with the daemon, and none begins after that', async () => {
    const { proofs, listening, locks } = world();
    const { id } = await proofs.begin('command', ROOT);
    await proofs.close();
    assert.deepEqual([listening.size, locks(), (await proofs.look(id)).over], [0, 0, true]);
    const late = await proofs.begin('command', ROOT);
    await proofs.ended(late.id);
    assert.deepEqual([listening.size, locks()], [0, 0]);
  });
});

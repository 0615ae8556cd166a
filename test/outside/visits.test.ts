import assert from 'node:assert/strict';
import type { Visit } from '../../src/outside/proof.ts';
import { keepVisit } from '../../src/outside/visits.ts';
import { PROOF } from './samples.ts';

const HELD = ['10.0.0.5'];

function kept(visits: readonly Partial<Visit>[], by = PROOF.by): Visit[] {
  const all: Visit[] = [];
  for (const each of visits)
    keepVisit(all, { port: 49152, from: '192.0.2.66', said: 'tls', ...each }, { ...PROOF, by }, HELD);
  return all;
}

describe('the visits that are kept', () => {
  it('are none that prove nothing', () => {
    assert.deepEqual(kept([{ said: 'other' }, { said: 'other', from: '198.51.100.20' }]), []);
    assert.deepEqual(kept([{ said: 'tls' }], 'command'), []);
  });

  it('are those of this server too, since that is said of them', () => {
    assert.equal(kept([{ said: 'other', from: '10.0.0.5' }, { from: '127.0.0.1' }]).length, 2);
  });

  it('are each kept once', () => {
    assert.equal(kept([{}, {}, { port: 49153 }, { from: '192.0.2.67' }]).length, 3);
  });

  it('are bounded port by port, but for the visitor and who knows the token', () => {
    const junk = Array.from({ length: 900 }, (_, host) => ({ from: `192.0.${host >> 8}.${host & 255}` }));
    assert.equal(kept(junk).length, 10);
    const own = [{ from: '198.51.100.20' }, { from: '198.51.100.99', said: 'token' as const }];
    assert.equal(kept([...junk, { port: 49153 }, ...own]).length, 13);
  });
});

import assert from 'node:assert/strict';
import type { LastProof } from '../../../src/outside/last.ts';
import { lastProofWords } from '../../../src/http/view/last-proof.ts';
import { GOOD_STATUS } from '../samples.ts';

const LAST: LastProof = {
  at: Date.parse('2026-11-22T10:00:00Z'),
  user: 'rita',
  by: 'browser',
  address: '203.0.113.10',
  range: [49152, 65534],
  verdict: 'part',
  doubts: [],
  ports: [
    { port: 49152, result: 'outside' },
    { port: 65534, result: 'arrived' },
  ],
};

describe('the last proof from outside', () => {
  it('says when it was, who asked and what came of it', () => {
    assert.equal(
      lastProofWords(LAST, GOOD_STATUS),
      'Last tried from outside on 2026-11-22 10:00:00 UTC, by rita. From a browser, at 203.0.113.10, ports out of 49152-65534: some ports were reached and some were not (not 49152).',
    );
    assert.match(lastProofWords({ ...LAST, user: null }, GOOD_STATUS), /by the command line\./);
  });

  it('says that it was about other ports or another address', () => {
    const others = /The ports or the address are others now\.$/;
    assert.match(lastProofWords({ ...LAST, range: [50_000, 50_010] }, GOOD_STATUS), others);
    assert.match(lastProofWords({ ...LAST, address: '203.0.113.99' }, GOOD_STATUS), others);
  });
});

import assert from 'node:assert/strict';
import { allOpen, unknownReach, type Blocked, type Reach } from '../../src/core/reach.ts';

describe('reach', () => {
  const blocked: Blocked = { range: [50000, 50010], how: 'drop', rule: 'drop', decision: null, path: [] };
  const reach: Reach = { method: 'twin', open: [[49152, 49999]], blocked: [blocked], ms: 90 };

  it('is all open only when nothing is blocked', () => {
    assert.equal(allOpen({ ...reach, blocked: [] }), true);
    assert.equal(allOpen(reach), false);
  });

  it('is neither open nor blocked when it is unknown', () => {
    const unknown = unknownReach('namespaces are not allowed here', 12);
    assert.equal(allOpen(unknown), null);
    assert.deepEqual(unknown, {
      method: 'unknown',
      reason: 'namespaces are not allowed here',
      open: [],
      blocked: [],
      ms: 12,
    });
    assert.equal(unknownReach('no nft').ms, 0);
  });
});

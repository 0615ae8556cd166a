import assert from 'node:assert/strict';
import type { Status } from '../../../src/core/status.ts';
import { statusToLookAt } from '../../../src/http/view/look.ts';
import { statusView } from '../../../src/http/view/status.ts';
import { BROKEN_STATUS } from '../samples.ts';

const SECRET = 'SECRET';
const BLOCKED = {
  range: [49152, 65534],
  how: 'drop',
  rule: `ip saddr ${SECRET} drop`,
  decision: { tool: 'nft', family: 'ip', table: SECRET, chain: SECRET, index: 1, text: SECRET },
  path: [SECRET],
} as const;

const STATUS: Status = {
  ...BROKEN_STATUS,
  firewall: {
    active: 'nftables',
    others: [SECRET],
    reach: {
      ipv4: { method: 'twin', open: [[1024, 2000]], blocked: [BLOCKED], path: [SECRET], ms: 5 },
      ipv6: { method: 'unknown', reason: SECRET, open: [], blocked: [], ms: 5 },
    },
  },
  findings: [{ id: 'x', level: 'bad', title: 'The range is blocked', fact: SECRET, fix: SECRET }],
};

describe('the status for a reseller', () => {
  it('says what works and what does not', () => {
    const shown = statusView(statusToLookAt(STATUS), false);
    const text = JSON.stringify(shown);
    assert.match(text, /The range is blocked/);
    assert.match(text, /49152-65534 is blocked\./);
    assert.match(text, /1024-2000/);
    const { verdict, truths } = statusView(STATUS, true);
    assert.deepEqual([shown['verdict'], shown['truths']], [verdict, truths]);
  });

  it('says nothing of rules, files and what findings were found by', () => {
    assert.match(JSON.stringify(statusView(STATUS, true)), /SECRET/);
    assert.doesNotMatch(JSON.stringify(statusToLookAt(STATUS)), /SECRET/);
  });
});

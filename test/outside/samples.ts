import type { Reach } from '../../src/core/reach.ts';
import type { Proof, Subject } from '../../src/outside/proof.ts';

export const SUBJECT: Subject = {
  range: [49152, 65534],
  told: '203.0.113.10',
  address: '203.0.113.10',
  witness: 'server.example',
  known: ['203.0.113.10'],
};

export const PROOF: Proof = {
  id: 'proof-1',
  user: 'root',
  visitor: '198.51.100.20',
  by: 'browser',
  subject: SUBJECT,
  vendor: '',
  token: 'tokentokentoken',
  ports: [49152, 55000, 65534],
  witnesses: [60000],
  withheld: [],
  until: 30_000,
};

export const OPEN: Reach = { method: 'twin', open: [[49152, 65534]], blocked: [], ms: 1 };

export const BLOCKED: Reach = {
  method: 'twin',
  open: [],
  blocked: [
    {
      range: [49152, 65534],
      how: 'drop',
      rule: 'ip filter INPUT: policy drop',
      decision: null,
      path: ['ip filter INPUT: tcp dport 21 accept', 'ip filter INPUT: policy drop'],
    },
  ],
  ms: 1,
};

import type { Check } from '../../src/core/check.ts';
import type { Plan } from '../../src/core/plan.ts';
import type { Status } from '../../src/core/status.ts';
import type { RunRecord } from '../../src/runs/record.ts';

/** A server behind NAT whose FTP server tells clients its local address, behind a firewall that drops the range. */
export const BROKEN_STATUS: Status = {
  ok: false,
  ftp: {
    server: 'pure-ftpd',
    running: true,
    range: { configured: [49152, 65534], rendered: [49152, 65534], live: [30000, 50000] },
    passiveAddress: { configured: null, rendered: null, live: null },
  },
  nat: { behind: true, addresses: [{ local: '10.0.0.5', public: '203.0.113.10' }] },
  firewall: {
    active: 'nftables',
    others: [],
    reach: {
      ipv4: {
        method: 'twin',
        open: [[30000, 30009]],
        blocked: [
          {
            range: [49152, 65534],
            how: 'drop',
            rule: 'ip filter INPUT policy drop',
            decision: null,
            path: ['ip filter INPUT'],
          },
        ],
        ms: 41,
      },
      ipv6: { method: 'unknown', reason: 'this machine has no IPv6', open: [], blocked: [], ms: 0 },
    },
  },
  findings: [
    {
      id: 'running',
      level: 'good',
      title: 'The FTP server runs',
      fact: 'Process 812 listens on port 21.',
      fix: '',
    },
    {
      id: 'address',
      level: 'bad',
      title: 'Clients are told an address that they cannot reach',
      fact: '227 Entering Passive Mode (10,0,0,5,192,17) <script>alert(1)</script>',
      fix: 'Set ForcePassiveIP to 203.0.113.10.',
    },
  ],
};

export const GOOD_STATUS: Status = {
  ok: true,
  ftp: {
    server: 'pure-ftpd',
    running: true,
    range: { configured: [49152, 65534], rendered: [49152, 65534], live: [49152, 65534] },
    passiveAddress: { configured: '203.0.113.10', rendered: '203.0.113.10', live: '203.0.113.10' },
  },
  nat: { behind: true, addresses: [{ local: '10.0.0.5', public: '203.0.113.10' }] },
  firewall: {
    active: 'nftables',
    others: [],
    reach: { ipv4: { method: 'twin', open: [[49152, 65534]], blocked: [], ms: 12 } },
  },
  findings: [],
};

export const PLAN: Plan = {
  id: 'plan-4f1c',
  empty: false,
  notes: [
    { id: 'restart', level: 'info', title: 'Sessions end', fact: 'The FTP server is restarted.', fix: '' },
  ],
  steps: [
    {
      id: 's1',
      kind: 'write',
      title: 'Write the range into WHM’s settings',
      why: 'The FTP server picks its data ports from there.',
      undoable: true,
      path: '/var/cpanel/conf/pureftpd/local',
      expects: 'absent',
      before: null,
      after: "PassivePortRange: '49152 65534'\n",
      diff: "--- a/local\n+++ b/local\n@@ -1 +1 @@\n-PassivePortRange: ~\n+PassivePortRange: '49152 65534'\n same line\n",
    },
    {
      id: 's2',
      kind: 'restart',
      title: 'Render the settings and restart',
      why: 'Settings count only when they are rendered.',
      undoable: true,
      command: ['/usr/local/cpanel/scripts/setupftpserver', 'pure-ftpd', '--force'],
      timeoutSeconds: 120,
      tty: true,
    },
    {
      id: 's3',
      kind: 'run',
      title: 'Open the range',
      why: 'The chain’s policy drops it.',
      undoable: false,
      command: ['/usr/sbin/nft', '-f', '-'],
      stdin: 'insert rule ip filter INPUT tcp dport 49152-65534 accept comment "it\'s ours"\n',
      timeoutSeconds: 20,
    },
    {
      id: 's4',
      kind: 'probe',
      title: 'Transfer a file',
      why: 'Only a transfer proves a transfer.',
      undoable: false,
      question: { ask: 'transfer' },
    },
  ],
};

export const EMPTY_PLAN: Plan = { id: 'plan-none', empty: true, notes: [], steps: [] };

const BASE: RunRecord = {
  id: 'r-20261122-1',
  verb: 'apply',
  who: { user: 'root', address: '198.51.100.20', via: 'whm' },
  started: '2026-11-22T10:00:00.000Z',
  state: 'running',
  changed: true,
  settings: { range: '49152-65534', passiveAddress: 'auto', ipv6: true, firewall: 'auto', only: null },
  plan: PLAN,
  steps: PLAN.steps.map(({ id, title }) => ({ id, title, state: 'waiting' })),
};

export const RUNNING: RunRecord = BASE;

export const DONE: RunRecord = {
  ...BASE,
  state: 'done',
  ended: '2026-11-22T10:01:07.000Z',
  steps: PLAN.steps.map(({ id, title }) => ({ id, title, state: 'done' })),
};

export const FAILED: RunRecord = {
  ...BASE,
  id: 'r-20261122-2',
  state: 'failed',
  ended: '2026-11-22T10:01:07.000Z',
  steps: PLAN.steps.map(({ id, title }, index) => ({
    id,
    title,
    state: (['left', 'undone', 'failed', 'waiting'] as const)[index] ?? 'waiting',
  })),
  problem: {
    code: 'command-failed',
    message: 'nft ended with exit code 1.',
    detail: 'Error: <img src=x onerror=alert(1)>',
  },
};

export const CHECKS: readonly Check[] = [
  {
    id: 'settings',
    title: 'WHM’s settings, the configuration file and the running server agree',
    result: 'pass',
    fact: 'Server: pure-ftpd.',
  },
  { id: 'control', title: 'The FTP server answers', result: 'pass', fact: '10.0.0.5:21: 220 <b>Welcome</b>' },
  {
    id: 'pasv-advertised',
    title: 'The data port answers at 203.0.113.10 too',
    result: 'skip',
    fact: 'No way.',
  },
  {
    id: 'pasv-address@10.0.0.6',
    title: 'PASV tells 203.0.113.11',
    result: 'fail',
    fact: 'Told 203.0.113.10.',
  },
];

/** A server on which FTP is off, and of whose firewall nothing is known. */
export const EMPTY_STATUS: Status = {
  ok: null,
  ftp: {
    server: 'disabled',
    running: false,
    range: { configured: null, rendered: null, live: null },
    passiveAddress: { configured: null, rendered: null, live: null },
  },
  nat: { behind: false, addresses: [] },
  firewall: { active: 'none', others: [], reach: {} },
  findings: [],
};

/** Findings of the firewall and of what came undone, with what they lead to and what is to be typed. */
export const LEADING_STATUS: Status = {
  ...BROKEN_STATUS,
  findings: [
    {
      id: 'range-blocked-ipv4',
      level: 'bad',
      title: 'The firewall blocks passive connections over IPv4',
      fact: '49152-65534 dropped by: ip filter INPUT: policy drop.',
      fix: 'Set up passive FTP.',
    },
    {
      id: 'undone-by',
      level: 'warn',
      title: 'What was set up is undone',
      fact: `Run ${DONE.id} ended with everything right.`,
      fix: 'Set up passive FTP again, or run "ftp-passive ensure".',
      run: DONE.id,
    },
  ],
};

export const UNDONE: RunRecord = {
  ...FAILED,
  state: 'undone',
  changed: false,
  steps: PLAN.steps.map(({ id, title }, index) => ({
    id,
    title,
    state: (['undone', 'undone', 'failed', 'waiting'] as const)[index] ?? 'waiting',
  })),
};

export const INTERRUPTED: RunRecord = {
  ...BASE,
  state: 'interrupted',
  steps: PLAN.steps.map(({ id, title }, index) => ({
    id,
    title,
    state: (['done', 'running', 'waiting', 'waiting'] as const)[index] ?? 'waiting',
  })),
};

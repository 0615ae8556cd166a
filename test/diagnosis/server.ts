import type { Finding } from '../../src/core/finding.ts';
import type { PortRange } from '../../src/core/range.ts';
import type { Blocked, Reach } from '../../src/core/reach.ts';
import type { Status } from '../../src/core/status.ts';

const RANGE: PortRange = [49152, 65534];

/** A server behind NAT where all is right. */
export const RIGHT: Status = {
  ok: true,
  ftp: {
    server: 'pure-ftpd',
    running: true,
    range: same(RANGE),
    passiveAddress: same('203.0.113.10'),
  },
  nat: { behind: true, addresses: [{ local: '10.0.0.5', public: '203.0.113.10' }] },
  firewall: { active: 'nftables', others: [], reach: { ipv4: open(RANGE), ipv6: open(RANGE) } },
  findings: [],
};

export interface Change {
  readonly server?: Status['ftp']['server'];
  readonly running?: boolean;
  readonly range?: Partial<Status['ftp']['range']>;
  readonly address?: Partial<Status['ftp']['passiveAddress']>;
  readonly nat?: Status['nat'];
  readonly active?: Status['firewall']['active'];
  readonly reach?: Status['firewall']['reach'];
  readonly findings?: readonly string[];
}

/** The right server with something else about it. A finding is given by its id. */
export function server(change: Change): Status {
  const { ftp, firewall } = RIGHT;
  return {
    ok: null,
    ftp: {
      server: change.server ?? ftp.server,
      running: change.running ?? ftp.running,
      range: { ...ftp.range, ...change.range },
      passiveAddress: { ...ftp.passiveAddress, ...change.address },
    },
    nat: change.nat ?? RIGHT.nat,
    firewall: {
      ...firewall,
      active: change.active ?? firewall.active,
      reach: change.reach ?? firewall.reach,
    },
    findings: (change.findings ?? []).map(finding),
  };
}

export function same<T>(value: T): { configured: T; rendered: T; live: T } {
  return { configured: value, rendered: value, live: value };
}

export function open(...ranges: readonly PortRange[]): Reach {
  return { method: 'twin', open: ranges, blocked: [], ms: 1 };
}

export function blocked(
  range: PortRange,
  rule: string,
  how: Blocked['how'] = 'drop',
): Status['firewall']['reach'] {
  const reach: Reach = {
    method: 'twin',
    open: [],
    blocked: [{ range, how, rule, decision: null, path: [] }],
    ms: 1,
  };
  return { ipv4: reach, ipv6: reach };
}

function finding(id: string): Finding {
  return { id, level: 'warn', title: `Title of ${id}`, fact: `Fact of ${id}.`, fix: '' };
}

import { phrase } from '../../core/phrase.ts';
import type { Status } from '../../core/status.ts';
import type { Reach } from '../../core/reach.ts';

const FOR_ROOT = phrase`Root can see what it was found by.`;

/**
 * A status as it is shown to a reseller. What works and what does not stays; what was met in root's files and rules
 * goes: the words of findings, rules and the ways through them, and why something could not be told.
 */
export function statusToLookAt(status: Status): Status {
  const { firewall, findings } = status;
  const { ipv4, ipv6 } = firewall.reach;
  return {
    ...status,
    firewall: {
      ...firewall,
      others: [],
      reach: {
        ...(ipv4 === undefined ? {} : { ipv4: withoutRules(ipv4) }),
        ...(ipv6 === undefined ? {} : { ipv6: withoutRules(ipv6) }),
      },
    },
    findings: findings.map(({ id, level, title }) => ({ id, level, title, fact: FOR_ROOT, fix: '' })),
  };
}

function withoutRules({ method, open, blocked, ms, asked }: Reach): Reach {
  return {
    method,
    ...(method === 'unknown' ? { reason: phrase`root can see why` } : {}),
    open,
    blocked: blocked.map(({ range, how }) => ({ range, how, rule: null, decision: null, path: [] })),
    ms,
    ...(asked === undefined ? {} : { asked }),
  };
}

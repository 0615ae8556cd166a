import { mergeRanges, type PortRange } from '../core/range.ts';
import type { Blocked, Decision, Reach } from '../core/reach.ts';
import type { Fate } from './asking.ts';
import { UNNAMED } from './layout.ts';

/**
 * What the fates of all pieces say about the whole range. `ms`: how long the question took.
 * @param whole whether the way of what is open was waited for
 */
export function verdict(fates: readonly Fate[], ms: number, whole = false): Reach {
  const blocked: Blocked[] = [];
  for (const fate of fates.filter(({ outcome }) => outcome !== 'open')) {
    const next = blockedBy(fate);
    const last = blocked.at(-1);
    if (last !== undefined && last.range[1] + 1 === next.range[0] && sameFate(last, next)) {
      blocked[blocked.length - 1] = { ...last, range: [last.range[0], next.range[1]] };
    } else blocked.push(next);
  }
  const passed = fates.filter(({ outcome }) => outcome === 'open');
  const [only] = fates;
  return {
    method: 'twin',
    open: mergeRanges(passed.map(({ range }): PortRange => range)),
    blocked,
    ms: Math.round(ms),
    ...(whole && fates.length === 1 && only?.outcome === 'open' ? { path: only.path.map(ruleName) } : {}),
  };
}

/** A place in the rules, in words. */
export function ruleName({ family, table, chain, text }: Decision): string {
  return `${family} ${table} ${chain}: ${text}`;
}

function blockedBy({ range, outcome, decided, path }: Fate): Blocked {
  const said = outcome === 'refused' || outcome === 'unreachable' ? 'reject' : 'unknown';
  const steps = path.map(ruleName);
  if (decided === null) return { range, how: said, rule: null, decision: null, path: steps };
  if (decided.text === UNNAMED)
    return { range, how: said, rule: ruleName(decided), decision: decided, path: steps };
  const how = /\breject\b/i.test(decided.text) ? 'reject' : 'drop';
  return { range, how, rule: ruleName(decided), decision: decided, path: steps };
}

function sameFate(a: Blocked, b: Blocked): boolean {
  return a.how === b.how && a.path.join('\n') === b.path.join('\n');
}

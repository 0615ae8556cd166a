import type { Finding, FindingLevel } from '../../core/finding.ts';
import type { Status } from '../../core/status.ts';
import type { Reach } from '../../core/reach.ts';
import { formatRange } from '../../core/range.ts';
import { modesOf } from './modes.ts';
import { pathOf } from './path.ts';
import { pictureOf, stopOf } from './picture.ts';
import { truthsOf } from './truths.ts';

const LEVEL_WORDS: Readonly<Record<FindingLevel, string>> = {
  bad: 'Wrong',
  warn: 'Warning',
  info: 'Note',
  good: 'Right',
};
const WORST_FIRST: readonly FindingLevel[] = ['bad', 'warn', 'info', 'good'];

/** The status page's view of a status. */
export function statusView(status: Status): Record<string, unknown> {
  const path = pathOf(status);
  return {
    verdict: verdictOf(status),
    right: status.ok === true,
    path,
    stop: stopOf(path),
    modes: modesOf(status, path),
    pictures: [pictureOf(path, 'across'), pictureOf(path, 'down')],
    truths: truthsOf(status),
    reaches: reachRows(status),
    findings: findingRows(status.findings),
  };
}

function verdictOf({ ok, findings }: Status): { level: string; word: string; sentence: string } {
  if (ok === null) {
    return {
      level: 'unknown',
      word: 'Could not tell',
      sentence: 'Not everything that matters could be looked at.',
    };
  }
  if (ok)
    return {
      level: 'good',
      word: 'Right',
      sentence: 'Passive FTP is set up, as far as this server can see.',
    };
  if (!findings.some(({ level }) => level === 'bad'))
    return {
      level: 'warn',
      word: 'Warning',
      sentence: 'Passive FTP may fail, now or later; why stands below.',
    };
  return {
    level: 'bad',
    word: 'Wrong',
    sentence: 'Passive FTP does not work as it is; what is wrong stands below.',
  };
}

/** Findings as rows, the worst first. */
export function findingRows(
  findings: readonly Finding[],
): (Finding & { readonly word: string; readonly run: string })[] {
  return WORST_FIRST.flatMap((level) =>
    findings
      .filter((finding) => finding.level === level)
      .map((finding) => ({ ...finding, word: LEVEL_WORDS[level], run: finding.run ?? '' })),
  );
}

interface ReachRow {
  readonly family: string;
  readonly open: string;
  readonly blocked: readonly { readonly ports: string; readonly how: string; readonly rule: string }[];
  readonly reason: string;
}

function reachRows({ firewall }: Status): ReachRow[] {
  const rows: ReachRow[] = [];
  if (firewall.reach.ipv4) rows.push(reachRow('IPv4', firewall.reach.ipv4));
  if (firewall.reach.ipv6) rows.push(reachRow('IPv6', firewall.reach.ipv6));
  return rows;
}

const HOW_WORDS = {
  drop: 'dropped',
  reject: 'rejected',
  unknown: 'stopped, it could not be told how',
} as const;

function reachRow(family: string, reach: Reach): ReachRow {
  return {
    family,
    open: reach.open.map((range) => formatRange(range)).join(', ') || 'none',
    blocked: reach.blocked.map(({ range, how, rule }) => ({
      ports: formatRange(range),
      how: HOW_WORDS[how],
      rule: rule ?? 'not known',
    })),
    reason: reach.method === 'unknown' ? (reach.reason ?? 'no reason is known') : '',
  };
}

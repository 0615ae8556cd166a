import type { Finding, FindingLevel } from '../../core/finding.ts';
import { phrase } from '../../core/phrase.ts';
import type { Status } from '../../core/status.ts';
import type { Reach } from '../../core/reach.ts';
import { formatRange } from '../../core/range.ts';
import { portsOf, portsOfFirewall } from './asked-ports.ts';
import { commandsIn } from './commands.ts';
import { modesOf } from './modes.ts';
import { pathOf } from './path.ts';
import { pictureOf, stopOf } from './picture.ts';
import { truthsOf } from './truths.ts';

const LEVEL_WORDS: Readonly<Record<FindingLevel, string>> = {
  bad: phrase`Wrong`,
  warn: phrase`Warning`,
  info: phrase`Note`,
  good: phrase`Right`,
};
const WORST_FIRST: readonly FindingLevel[] = ['bad', 'warn', 'info', 'good'];

/** The status page's view of a status. @param forRoot whether it may lead to the rules of the firewall */
export function statusView(status: Status, forRoot: boolean): Record<string, unknown> {
  const path = pathOf(status);
  const ports = forRoot ? portsOfFirewall(status) : '';
  return {
    verdict: verdictOf(status),
    right: status.ok === true,
    path: path.map((hop) => ({ ...hop, ports: hop.id === 'firewall' ? ports : '' })),
    stop: stopOf(path),
    modes: modesOf(status, path),
    pictures: [pictureOf(path, 'across'), pictureOf(path, 'down')],
    truths: truthsOf(status),
    reaches: reachRows(status, forRoot),
    reachAsked: askedAt(status),
    findings: findingRows(status.findings, (finding) => (forRoot ? portsOf(finding, status) : '')),
  };
}

function verdictOf({ ok, findings }: Status): { level: string; word: string; sentence: string } {
  if (ok === null) {
    return {
      level: 'unknown',
      word: phrase`Could not tell`,
      sentence: phrase`Not everything that matters could be looked at.`,
    };
  }
  if (ok)
    return {
      level: 'good',
      word: phrase`Right`,
      sentence: phrase`Passive FTP is set up, as far as this server can see.`,
    };
  if (!findings.some(({ level }) => level === 'bad'))
    return {
      level: 'warn',
      word: phrase`Warning`,
      sentence: phrase`Passive FTP may fail, now or later; why stands below.`,
    };
  return {
    level: 'bad',
    word: phrase`Wrong`,
    sentence: phrase`Passive FTP does not work as it is; what is wrong stands below.`,
  };
}

/** A finding as a row. `ports`: which ports to ask the firewall about; empty where it is about something else. */
interface FindingRow extends Finding {
  readonly word: string;
  readonly run: string;
  readonly ports: string;
  readonly commands: readonly string[];
}

/** Findings as rows, the worst first. @param asks which ports a finding about the firewall leads to */
export function findingRows(findings: readonly Finding[], asks: (finding: Finding) => string): FindingRow[] {
  return WORST_FIRST.flatMap((level) =>
    findings
      .filter((finding) => finding.level === level)
      .map((finding) => ({
        ...finding,
        word: LEVEL_WORDS[level],
        run: finding.run ?? '',
        ports: asks(finding),
        commands: commandsIn(finding.fix),
      })),
  );
}

interface ReachRow {
  readonly family: string;
  readonly open: string;
  readonly blocked: readonly {
    readonly ports: string;
    readonly how: string;
    readonly rule: string;
    readonly leads: boolean;
  }[];
  readonly reason: string;
}

function reachRows({ firewall }: Status, leads: boolean): ReachRow[] {
  const rows: ReachRow[] = [];
  if (firewall.reach.ipv4) rows.push(reachRow('IPv4', firewall.reach.ipv4, leads));
  if (firewall.reach.ipv6) rows.push(reachRow('IPv6', firewall.reach.ipv6, leads));
  return rows;
}

/** The time of day of an earlier answer, as it stands on the page; empty for one of now. */
function askedAt({ firewall: { reach } }: Status): string {
  const asked = reach.ipv4?.asked ?? reach.ipv6?.asked;
  return asked === undefined ? '' : `${new Date(asked).toISOString().slice(11, 19)} UTC`;
}

const HOW_WORDS = {
  drop: phrase`dropped`,
  reject: phrase`rejected`,
  unknown: phrase`stopped, it could not be told how`,
} as const;

function reachRow(family: string, reach: Reach, leads: boolean): ReachRow {
  return {
    family,
    open: reach.open.map((range) => formatRange(range)).join(', ') || phrase`none`,
    blocked: reach.blocked.map(({ range, how, rule }) => ({
      ports: formatRange(range),
      how: HOW_WORDS[how],
      rule: rule ?? phrase`not known`,
      leads,
    })),
    reason: reach.method === 'unknown' ? (reach.reason ?? phrase`no reason is known`) : '',
  };
}

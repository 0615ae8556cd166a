import { bySubject, type Check } from '../core/check.ts';
import type { Finding } from '../core/finding.ts';
import { phrase } from '../core/phrase.ts';
import type { Plan } from '../core/plan.ts';
import { formatRange, type PortRange } from '../core/range.ts';
import { familyName, type Family, type Reaches } from '../core/reach.ts';
import type { Status, Truths } from '../core/status.ts';
import { visible } from '../core/visible.ts';
import type { RunRecord } from '../runs/record.ts';

const MARKS = { good: phrase`ok  `, info: phrase`info`, warn: phrase`warn`, bad: phrase`BAD ` } as const;

export function statusText(status: Status): string {
  const { ftp } = status;
  const head =
    status.ok === null
      ? phrase`It could not be told whether passive FTP works.`
      : status.ok
        ? phrase`Passive FTP is set up right.`
        : phrase`Passive FTP is not set up right.`;
  const lines = [
    head,
    '',
    phrase`FTP server        ${ftp.server}${ftp.running ? phrase`, running` : phrase`, not running`}`,
    phrase`Passive ports     ${truths(ftp.range, formatRange)}`,
    phrase`Address told      ${truths(ftp.passiveAddress, (address) => address)}`,
    phrase`NAT               ${status.nat.behind ? phrase`yes` : phrase`no`}${status.nat.addresses.map((pair) => ` ${pair.local} = ${pair.public}`).join(',')}`,
    phrase`Firewall          ${[status.firewall.active, ...status.firewall.others].join(phrase`, beside it `)}`,
    '',
    ...status.findings.flatMap(findingLines),
    '',
  ];
  return visible(lines.join('\n'));
}

function truths<T>(each: Truths<T>, show: (value: T) => string): string {
  const say = (value: T | null): string => (value === null ? phrase`none` : show(value));
  return phrase`configured ${say(each.configured)}, rendered ${say(each.rendered)}, live ${say(each.live)}`;
}

function findingLines(finding: Finding): string[] {
  return [
    `${MARKS[finding.level]}  ${finding.title}`,
    `      ${finding.fact}`,
    ...(finding.fix === '' ? [] : [`      ${finding.fix}`]),
  ];
}

export function planText(plan: Plan): string {
  const found = plan.notes.flatMap(findingLines);
  if (plan.empty) return visible([phrase`Nothing needs to be done.`, ...found, ''].join('\n'));
  const steps = plan.steps.flatMap((step) => [
    `${step.id}  ${step.title}`,
    `    ${step.why}`,
    ...('command' in step ? [`    $ ${step.command.join(' ')}`] : []),
    ...('stdin' in step ? indent(step.stdin) : []),
    ...('diff' in step ? indent(step.diff) : []),
  ]);
  return visible([...found, '', phrase`Plan ${plan.id}`, '', ...steps, ''].join('\n'));
}

function indent(text: string): string[] {
  if (text === '') return [];
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `    | ${line}`);
}

export function reachText(reaches: Reaches): string {
  const lines = Object.entries(reaches).flatMap(([family, reach]) => {
    const name = familyName(family as Family);
    if (reach.method === 'unknown') return [phrase`${name}  unknown: ${reach.reason ?? ''}`];
    return [
      phrase`${name}  open: ${ports(reach.open)} (${reach.ms} ms)`,
      ...(reach.path ?? []).map((step) => `        ${step}`),
      ...reach.blocked.flatMap((each) => [
        `      ${formatPorts(each.range)} ${each.how}: ${each.rule ?? phrase`no rule is known to decide`}`,
        ...each.path.map((step) => `        ${step}`),
      ]),
    ];
  });
  return visible(`${lines.join('\n')}\n`);
}

function ports(ranges: readonly PortRange[]): string {
  return ranges.length === 0 ? phrase`none` : ranges.map(formatPorts).join(', ');
}

function formatPorts(range: PortRange): string {
  return range[0] === range[1] ? String(range[0]) : formatRange(range);
}

/** One line a check, under the address that it is about. */
export function checksText(checks: readonly Check[]): string {
  const groups = bySubject(checks).map(
    (group) => `${group.subject}\n${group.checks.map(checkLine).join('')}`,
  );
  return visible(groups.join('\n'));
}

function checkLine({ result, title, fact }: Check): string {
  return `  ${result}  ${title}: ${fact.trim().replaceAll(/\s*\n\s*/g, ' | ')}\n`;
}

export function runsText(runs: readonly RunRecord[]): string {
  if (runs.length === 0) return `${phrase`There are no runs yet.`}\n`;
  const lines = runs.map(
    (run) =>
      `${run.id}  ${run.verb}  ${run.state}${run.undoneBy === undefined ? '' : phrase`, undone later`}  ${run.who.user}\n`,
  );
  return visible(lines.join(''));
}

export function runText(run: RunRecord): string {
  const lines = [
    `${run.verb} ${run.id}: ${run.state}${run.undoneBy === undefined ? '' : phrase` (undone by ${run.undoneBy})`}`,
    phrase`by ${run.who.user} via ${run.who.via}, ${run.started} to ${run.ended ?? '-'}`,
    ...run.steps.map((step) => `${step.id}  ${step.state}  ${step.title}`),
    ...(run.problem === undefined ? [] : [run.problem.message]),
    '',
  ];
  return visible(lines.join('\n'));
}

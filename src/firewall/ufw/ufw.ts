import { phrase } from '../../core/phrase.ts';
import type { PlacedRule } from '../../core/plan.ts';
import { coversRange, formatRange, sameRange, type PortRange } from '../../core/range.ts';
import type { Family } from '../../core/reach.ts';
import {
  MARK,
  type Deed,
  type FirewallFacts,
  type Keeper,
  type Opening,
  type Question,
} from '../firewall.ts';
import { parseSaved } from '../iptables/saved.ts';
import type { Chain, Place } from '../ruleset.ts';
import { ufwFindings } from './findings.ts';
import { incomingLines } from './lines.ts';
import {
  incomingTuples,
  isSameButAction,
  judge,
  portsOf,
  readTuples,
  type Tuple,
  type Verdict,
} from './rules.ts';
import { acceptsByDefault, isEnabled, managedFamilies, UFW_FILES } from './settings.ts';

const PROGRAM = '/usr/sbin/ufw';
/** A second of work, and the wait for another ufw that holds its lock. */
const TIMEOUT_SECONDS = 60;
const FAMILIES = ['ipv4', 'ipv6'] as const;
const KERNEL: Record<Family, { family: 'ip' | 'ip6'; chain: string }> = {
  ipv4: { family: 'ip', chain: 'ufw-user-input' },
  ipv6: { family: 'ip6', chain: 'ufw6-user-input' },
};
const ANY = { ipv4: '0.0.0.0/0', ipv6: '::/0' } as const;

/** ufw: rules of its own form, from which it makes those of iptables in chains of its own. */
export const ufw: Keeper = {
  name: 'ufw',
  files: [
    UFW_FILES.conf,
    UFW_FILES.defaults,
    ...FAMILIES.flatMap((family) => [
      UFW_FILES.before[family],
      UFW_FILES.user[family],
      UFW_FILES.after[family],
    ]),
  ],
  units: ['ufw.service'],
  standing,
  owns: (place, facts) => standing(facts) === 'active' && isOfUfw(place),
  refusal,
  keeps,
  open,
  opened,
  close,
  findings: ufwFindings,
};

/** After `ufw disable` its first chains stay, without effect; those for the user's rules go. */
function standing({ files, chains }: FirewallFacts): ReturnType<Keeper['standing']> {
  if (files.get(UFW_FILES.conf) == null) return 'absent';
  return isEnabled(files) && chains.some((chain) => isUserChain(chain, 'ipv4')) ? 'active' : 'inactive';
}

function isOfUfw({ family, table, chain }: Place): boolean {
  return (family === 'ip' || family === 'ip6') && table === 'filter' && /^(?:INPUT$|ufw6?-)/.test(chain);
}

function isUserChain(chain: Place, family: Family): boolean {
  return (
    chain.family === KERNEL[family].family && chain.table === 'filter' && chain.chain === KERNEL[family].chain
  );
}

function refusal(facts: FirewallFacts, question: Question): string | null {
  for (const family of asked(facts, question)) {
    if (facts.files.get(UFW_FILES.user[family]) == null) {
      return phrase`${UFW_FILES.user[family]} is missing, without which ufw changes nothing: run "ufw disable" and "ufw enable", which must succeed.`;
    }
    const verdict = verdictOf(facts, family, question.range);
    if (verdict.kind === 'denied') {
      return phrase`A rule of ufw denies ports of ${formatRange(question.range)} on purpose, and stays: ${verdict.rule.text}. To open the range, delete that rule first ("ufw status numbered", "ufw delete NUMBER").`;
    }
    if (verdict.kind === 'open' && isStale(facts, family, question.range)) {
      return phrase`${UFW_FILES.user[family]} lets ${formatRange(question.range)} in, but the rules in force are others: run "ufw reload".`;
    }
  }
  return null;
}

/** Families that the question is about and that ufw makes rules for. */
function asked({ files }: FirewallFacts, { families }: Question): Family[] {
  return managedFamilies(files).filter((family) => families.includes(family));
}

/** What the rules do that ufw makes out of its files, the next time that it makes them. */
function verdictOf({ files }: FirewallFacts, family: Family, range: PortRange): Verdict {
  const text = (path: string): string => files.get(path)?.text ?? '';
  const lines = (path: string, name: 'before' | 'after'): string[] => {
    const prefix = KERNEL[family].chain.replace('user-input', '');
    const chains = parseSaved({ family: KERNEL[family].family, tool: 'iptables', text: text(path) });
    return rulesOf(chains.find(({ chain }) => chain === `${prefix}${name}-input`));
  };
  const rules = [
    ...incomingLines(lines(UFW_FILES.before[family], 'before')),
    ...incomingTuples(tuplesOf(files, family).filter((tuple) => !isSurplus(tuple, range))),
    ...incomingLines(lines(UFW_FILES.after[family], 'after')),
  ];
  return judge(rules, range, acceptsByDefault(files));
}

/** A rule of ours for another range is going to be closed: nothing may rest on it. */
function isSurplus(tuple: Tuple, range: PortRange): boolean {
  return tuple.ours && !portsOf(tuple.ports).every((each) => coversRange([range], each));
}

function tuplesOf(files: FirewallFacts['files'], family: Family): Tuple[] {
  return readTuples(files.get(UFW_FILES.user[family])?.text ?? '');
}

function rulesOf(chain: Chain | undefined): string[] {
  return chain?.rules.map(({ text }) => text) ?? [];
}

/** Whether the files' own rules let the range in, and those in force do not. */
function isStale({ files, chains }: FirewallFacts, family: Family, range: PortRange): boolean {
  if (judge(incomingTuples(tuplesOf(files, family)), range, false).kind !== 'open') return false;
  const live = chains.find((chain) => isUserChain(chain, family));
  if (live === undefined || live.tool === 'nft') return false;
  return judge(incomingLines(rulesOf(live)), range, false).kind === 'closed';
}

function keeps(facts: FirewallFacts, question: Question): boolean | null {
  const families = asked(facts, question);
  if (families.some((family) => facts.files.get(UFW_FILES.user[family]) == null)) return null;
  const kinds = families.map((family) => verdictOf(facts, family, question.range).kind);
  if (kinds.some((kind) => kind === 'closed' || kind === 'denied')) return false;
  return kinds.includes('unsure') ? null : true;
}

/** `ufw allow` replaces a rule that differs in its action only, so it is never told to where there is one. */
function open(facts: FirewallFacts, question: Question, live: boolean): Opening {
  const { range } = question;
  const missing = asked(facts, question).filter(
    (family) =>
      verdictOf(facts, family, range).kind !== 'open' &&
      !tuplesOf(facts.files, family).some((tuple) => isSameButAction(tuple, range)),
  );
  if (missing.length === 0) return { trial: [], deeds: [] };
  const rule = ruleWords(range, missing, managedFamilies(facts.files));
  const deed: Deed = {
    kind: 'command',
    title: phrase`Let ${formatRange(range)} in through ufw`,
    why: phrase`ufw puts a rule into force and keeps it in its files, behind all rules that are there already.`,
    command: [PROGRAM, 'allow', ...rule, 'comment', MARK],
    undo: [PROGRAM, '--force', 'delete', 'allow', ...rule],
    timeoutSeconds: TIMEOUT_SECONDS,
  };
  return { trial: live ? missing.flatMap((family) => trialOf(facts, family, range)) : [], deeds: [deed] };
}

/** The short form is for every family that ufw makes rules for. */
function ruleWords(range: PortRange, families: readonly Family[], all: readonly Family[]): string[] {
  const ports = formatRange(range, 'colon');
  const [family = 'ipv4'] = families;
  if (families.length === all.length) return [`${ports}/tcp`];
  return ['proto', 'tcp', 'to', ANY[family], 'port', ports];
}

function trialOf({ chains }: FirewallFacts, family: Family, range: PortRange): PlacedRule[] {
  const chain = chains.find((each) => isUserChain(each, family));
  return [
    {
      ...KERNEL[family],
      table: 'filter',
      tool: chain?.tool === 'iptables-legacy' ? 'iptables-legacy' : 'iptables',
      text: `-p tcp -m multiport --dports ${formatRange(range, 'colon')} -j ACCEPT`,
      before: null,
    },
  ];
}

function opened({ files }: FirewallFacts): PortRange[] {
  const ranges = managedFamilies(files).flatMap((family) =>
    tuplesOf(files, family).flatMap((tuple) => portsOf(tuple.ports).filter((range) => isOurs(tuple, range))),
  );
  return ranges.filter((range, at) => ranges.findIndex((each) => sameRange(each, range)) === at);
}

function isOurs(tuple: Tuple, range: PortRange): boolean {
  return tuple.ours && tuple.action === 'allow' && isSameButAction(tuple, range);
}

/** ufw finds the rule to delete by its ports alone, so a family where that rule is someone else's is left out. */
function close({ files }: FirewallFacts, ranges: readonly PortRange[]): Deed[] {
  return ranges.flatMap((range) => {
    const all = managedFamilies(files);
    const families = all.filter((family) => tuplesOf(files, family).some((tuple) => isOurs(tuple, range)));
    if (families.length === 0) return [];
    const rule = ruleWords(range, families, all);
    return [
      {
        kind: 'command',
        title: phrase`Close ${formatRange(range)} in ufw`,
        why: phrase`This range was opened here before, and is not used any more.`,
        command: [PROGRAM, '--force', 'delete', 'allow', ...rule],
        undo: [PROGRAM, 'allow', ...rule, 'comment', MARK],
        timeoutSeconds: TIMEOUT_SECONDS,
      },
    ];
  });
}

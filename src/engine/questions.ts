import { isOpenQuestion, type Check } from '../core/check.ts';
import { phrase } from '../core/phrase.ts';
import type { PlacedRule, Question } from '../core/plan.ts';
import { Problem } from '../core/problem.ts';
import { formatRange } from '../core/range.ts';
import { familyName, type Family, type Reaches } from '../core/reach.ts';
import type { Settings } from '../core/settings.ts';
import { askTwin } from './asked.ts';
import { talk } from './conversation.ts';
import { savedRuleset } from './boot.ts';
import { compare, portList, takeCensus } from './gate.ts';
import { rendered } from './rendered.ts';
import { readingOf, readRules } from './rules.ts';
import { deaf, look, rangeOpen, wantedFamilies, type EnginePorts } from './survey.ts';
import { openAskedTwin, openTwin } from './twin.ts';

/** A program that makes rules anew is asked again after this. */
const AGAIN_MS = 500;
/** What a run can make right and therefore answers for; `tls-` before them where the server takes TLS only. */
const ANSWERED_FOR = [
  ...['control', 'login', 'conversation', 'pasv-address', 'pasv-port', 'pasv-data', 'epsv-port', 'epsv-data'],
];

type Say = (line: string) => void;

/**
 * Answers a step's question. The result says what could not be proven; null when all was.
 * @throws Problem when the answer is not the right one
 */
export async function answer(
  ports: EnginePorts,
  question: Question,
  settings: Settings,
  say: Say,
): Promise<string | null> {
  switch (question.ask) {
    case 'gate':
      await tryOut(ports, question.rules, settings, say);
      return null;
    case 'boot-files':
      await bootFiles(ports, question.paths, settings, say);
      return null;
    case 'rendered':
      await rendered(ports, settings, question.setAside ?? null, say);
      return null;
    case 'transfer':
      return transfer(ports, settings, say);
    case 'reach':
      return reachable(ports, settings, say, question.waitSeconds ?? 0);
  }
}

/** Everybody and every port before and after the change: only strangers and the wanted range may differ. */
async function tryOut(
  ports: EnginePorts,
  rules: readonly PlacedRule[],
  settings: Settings,
  say: Say,
): Promise<void> {
  const families = await familiesNow(ports, settings);
  const { ruleset } = await readRules(ports);
  const twin = await openTwin(ports.twin, ruleset);
  try {
    const before = await takeCensus(twin, settings.range);
    await twin.place(rules);
    const after = await takeCensus(twin, settings.range);
    const reached = families.filter((family) => !deaf(family, before.strangers));
    compare(before, after, { range: settings.range, families: reached });
    for (const family of reached) {
      const [was, is] = [before, after].map(({ strangers }) => portList(strangers[family]?.open ?? []));
      say(phrase`${familyName(family)}: open before ${was ?? ''}; after ${is ?? ''}`);
    }
    const banned = [...after.named]
      .filter(([, reach]) => reach.open.length === 0)
      .map(([address]) => address);
    if (banned.length > 0) say(phrase`kept out as before: ${banned.join(', ')}`);
  } finally {
    await twin.close();
  }
}

async function bootFiles(
  ports: EnginePorts,
  paths: readonly string[],
  settings: Settings,
  say: Say,
): Promise<void> {
  const { saved, rules, hasIpv6 } = await look(ports);
  const ruleset = savedRuleset(saved, rules.ruleset);
  const names = paths.join(phrase` and `);
  if (ruleset === null) throw new Problem('not-found', phrase`There is no ${names}.`);
  const families = wantedFamilies({ hasIpv6 }, settings);
  const twin = await openAskedTwin(ports.twin, readingOf(ruleset));
  try {
    const reaches = await twin.ask(settings.range, families);
    sayReaches(reaches, say);
    if (rangeOpen(reaches, families, settings) !== true)
      throw stillBlocked(reaches, families, settings, names);
  } finally {
    await twin.close();
  }
}

async function transfer(ports: EnginePorts, settings: Settings, say: Say): Promise<string | null> {
  const checks = await talk(ports, await look(ports), settings);
  for (const check of checks) say(`${check.result}: ${check.title}. ${check.fact}`);
  const failed = checks.filter(({ result }) => result === 'fail');
  const fatal = failed.find(({ id }) => isAnsweredFor(id, checks));
  if (fatal) throw new Problem('not-proven', phrase`${fatal.title}: not so. ${fatal.fact}`);
  // Such a failure was there before the run, and undoing the run would not mend it.
  const [beside] = failed;
  if (beside) return phrase`${beside.title}: not so. ${beside.fact}`;
  return checks.find((check) => isOpenQuestion(check, checks))?.fact ?? null;
}

function isAnsweredFor(id: string, checks: readonly Check[]): boolean {
  if (ANSWERED_FOR.includes(id)) return true;
  const moves = /^tls-(pasv|epsv)-/.test(id) && ANSWERED_FOR.includes(id.replace('tls-', ''));
  return moves && checks.some((check) => check.id === 'login' && check.result === 'skip');
}

async function reachable(
  ports: EnginePorts,
  settings: Settings,
  say: Say,
  waitSeconds: number,
): Promise<string | null> {
  const families = await familiesNow(ports, settings);
  const until = ports.clock.elapsed() + waitSeconds * 1000;
  for (;;) {
    const reaches = await askTwin(ports, null, (twin) => twin.ask(settings.range, families));
    const open = rangeOpen(reaches, families, settings);
    if (open !== true && ports.clock.elapsed() < until) {
      await ports.clock.sleep(AGAIN_MS);
      continue;
    }
    sayReaches(reaches, say);
    if (open === false) throw stillBlocked(reaches, families, settings, phrase`the firewall`);
    return open === null
      ? (families.map((family) => reaches[family]?.reason).find(Boolean) ??
          phrase`The firewall could not be asked.`)
      : null;
  }
}

async function familiesNow(ports: EnginePorts, settings: Settings): Promise<Family[]> {
  const links = await ports.host.links();
  return wantedFamilies(
    { hasIpv6: links.some((link) => link.addresses.some((each) => each.includes(':'))) },
    settings,
  );
}

function stillBlocked(
  reaches: Reaches,
  families: readonly Family[],
  settings: Settings,
  where: string,
): Problem {
  const [low, high] = settings.range;
  const facts = families.flatMap((family) =>
    (reaches[family]?.blocked ?? [])
      .filter(({ range }) => range[1] >= low && range[0] <= high)
      .map(
        (each) =>
          phrase`${familyName(family)} ${formatRange(each.range)} by ${each.rule ?? phrase`no known rule`}`,
      ),
  );
  const told = facts.join('; ') || families.map((family) => reaches[family]?.reason ?? '').join(' ');
  return new Problem('not-proven', phrase`In ${where} the range is still blocked: ${told}.`);
}

function sayReaches(reaches: Reaches, say: Say): void {
  for (const [family, reach] of Object.entries(reaches)) {
    const blocked =
      reach.blocked.length > 0 ? phrase`, blocked ${portList(reach.blocked.map(({ range }) => range))}` : '';
    const told =
      reach.method === 'unknown'
        ? phrase`not known: ${reach.reason ?? ''}`
        : phrase`open ${portList(reach.open)}${blocked}`;
    say(`${familyName(family as Family)}: ${told}`);
  }
}

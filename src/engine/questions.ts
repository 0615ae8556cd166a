import type { Check } from '../core/check.ts';
import type { PlacedRule, Question } from '../core/plan.ts';
import { Problem } from '../core/problem.ts';
import { formatRange, sameRange } from '../core/range.ts';
import { familyName, type Family, type Reach, type Reaches } from '../core/reach.ts';
import type { Settings } from '../core/settings.ts';
import { talk } from './conversation.ts';
import { savedRuleset } from './boot.ts';
import { compare, portList, takeCensus } from './gate.ts';
import { readRules } from './rules.ts';
import {
  askTwin,
  deaf,
  look,
  rangeOpen,
  survey,
  wantedFamilies,
  type EnginePorts,
  type Sight,
} from './survey.ts';
import { openTwin } from './twin.ts';
import { wishOf } from './wish.ts';

/** A program that makes rules anew is asked again after this. */
const AGAIN_MS = 500;
/** A daemon that cPanel restarts comes up within this, or has failed. */
const START_LIMIT_MS = 15_000;

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
      await rendered(ports, settings, say);
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
      say(`${familyName(family)}: open before ${was ?? ''}; after ${is ?? ''}`);
    }
    const banned = [...after.named]
      .filter(([, reach]) => reach.open.length === 0)
      .map(([address]) => address);
    if (banned.length > 0) say(`kept out as before: ${banned.join(', ')}`);
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
  const names = paths.join(' and ');
  if (ruleset === null) throw new Problem('not-found', `There is no ${names}.`);
  const families = wantedFamilies({ hasIpv6 }, settings);
  const twin = await openTwin(ports.twin, ruleset);
  try {
    const reaches = await twin.ask(settings.range, families);
    sayReaches(reaches, say);
    if (rangeOpen(reaches, families, settings) !== true)
      throw stillBlocked(reaches, families, settings, names);
  } finally {
    await twin.close();
  }
}

async function rendered(ports: EnginePorts, settings: Settings, say: Say): Promise<void> {
  const until = ports.clock.elapsed() + START_LIMIT_MS;
  for (;;) {
    const found = await look(ports);
    const written = notWritten(found, settings);
    if (written !== null) throw new Problem('not-proven', written);
    const trouble = notRunning(found, settings);
    if (trouble === null) {
      say(
        `${found.server?.name ?? ''} runs with ${formatRange(settings.range)}, told address ${wishOf(found, settings).address ?? 'its own'}`,
      );
      return;
    }
    if (ports.clock.elapsed() > until) throw new Problem('not-proven', trouble);
    await ports.clock.sleep(200);
  }
}

/** What cPanel's command wrote, which is there when it ends. */
function notWritten(found: Sight, settings: Settings): string | null {
  const wish = wishOf(found, settings);
  const { reading } = found;
  if (reading === null) return 'The FTP server cannot be read any more.';
  const { range, passiveAddress } = reading;
  if (!sameRange(range.rendered, wish.range)) {
    return `cPanel wrote the passive ports ${range.rendered === null ? 'none' : formatRange(range.rendered)} instead of ${formatRange(wish.range)}.`;
  }
  if (passiveAddress.rendered !== wish.address) {
    return `cPanel wrote the address ${passiveAddress.rendered ?? 'none'} instead of ${wish.address ?? 'none'}.`;
  }
  return null;
}

/** Whether a daemon that has read it is up, which may take a moment. */
function notRunning({ reading }: Sight, settings: Settings): string | null {
  if (reading?.running !== true) return 'The FTP server did not start again.';
  return sameRange(reading.range.live, settings.range)
    ? null
    : 'The FTP server still runs with its old settings.';
}

async function transfer(ports: EnginePorts, settings: Settings, say: Say): Promise<string | null> {
  const checks = await talk(ports, await look(ports), settings);
  for (const check of checks) say(`${check.result}: ${check.title}. ${check.fact}`);
  const failed = checks.find(({ result }) => result === 'fail');
  if (failed) throw new Problem('not-proven', `${failed.title}: not so. ${failed.fact}`);
  return checks.find(({ result }) => result === 'skip')?.fact ?? null;
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
    const reaches = await askTwin(ports, await readRules(ports), (twin) =>
      twin.ask(settings.range, families),
    );
    const open = rangeOpen(reaches, families, settings);
    if (open !== true && ports.clock.elapsed() < until) {
      await ports.clock.sleep(AGAIN_MS);
      continue;
    }
    sayReaches(reaches, say);
    if (open === false) throw stillBlocked(reaches, families, settings, 'the firewall');
    return open === null
      ? (families.map((family) => reaches[family]?.reason).find(Boolean) ??
          'The firewall could not be asked.')
      : null;
  }
}

/** Every proof that can be had from here. */
export async function verify(ports: EnginePorts, settings: Settings): Promise<Check[]> {
  const found = await survey(ports, settings);
  const trouble =
    found.reading === null ? null : (notWritten(found, settings) ?? notRunning(found, settings));
  const ftp: Check[] =
    settings.only === 'firewall'
      ? []
      : [
          {
            id: 'settings',
            title: 'Stores, file and daemon agree',
            result: found.reading === null ? 'skip' : trouble === null ? 'pass' : 'fail',
            fact: trouble ?? `Server: ${found.ftpName}.`,
          },
          ...(await talk(ports, found, settings)),
        ];
  const firewall = wantedFamilies(found, settings).map((family) =>
    reachCheck(family, found.reaches[family], settings),
  );
  return [...ftp, ...(settings.only === 'ftp' ? [] : firewall)];
}

function reachCheck(family: Family, reach: Reach | undefined, settings: Settings): Check {
  const title = `The firewall lets ${formatRange(settings.range)} in over ${familyName(family)}`;
  if (reach === undefined || reach.method === 'unknown') {
    return { id: `reach-${family}`, title, result: 'skip', fact: reach?.reason ?? 'It was not asked.' };
  }
  const blocked = reach.blocked.map(
    (each) => `${formatRange(each.range)} by ${each.rule ?? 'no known rule'}`,
  );
  const fact =
    blocked.length === 0
      ? 'Asked with real connections in a copy of the rules.'
      : `Blocked: ${blocked.join('; ')}.`;
  return { id: `reach-${family}`, title, result: blocked.length === 0 ? 'pass' : 'fail', fact };
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
      .map((each) => `${familyName(family)} ${formatRange(each.range)} by ${each.rule ?? 'no known rule'}`),
  );
  const told = facts.join('; ') || families.map((family) => reaches[family]?.reason ?? '').join(' ');
  return new Problem('not-proven', `In ${where} the range is still blocked: ${told}.`);
}

function sayReaches(reaches: Reaches, say: Say): void {
  for (const [family, reach] of Object.entries(reaches)) {
    const blocked =
      reach.blocked.length > 0 ? `, blocked ${portList(reach.blocked.map(({ range }) => range))}` : '';
    const told =
      reach.method === 'unknown'
        ? `not known: ${reach.reason ?? ''}`
        : `open ${portList(reach.open)}${blocked}`;
    say(`${familyName(family as Family)}: ${told}`);
  }
}

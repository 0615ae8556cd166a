import { phrase } from '../core/phrase.ts';
import type { MarkedRule, PlacedRule } from '../core/plan.ts';
import { Problem } from '../core/problem.ts';
import { coversRange, formatRange, type PortRange } from '../core/range.ts';
import type { Settings } from '../core/settings.ts';
import type { Deed, Keeper, OurRule, Question } from '../firewall/firewall.ts';
import { deleteCommands, insertCommands } from '../firewall/placing.ts';
import { samePlace } from '../firewall/ruleset.ts';
import { planBoot, type BootChange } from './boot-plan.ts';
import { compare, takeCensus } from './gate.ts';
import { nodeDrafts } from './node-plan.ts';
import { findPlacement, isWanted, surplus, type Placement, type Realm } from './placement.ts';
import { checkStep, deedStep, firewallStep, placeName, writeStep, type Draft } from './steps.ts';
import { deaf, wantedFamilies, type EnginePorts, type Survey } from './survey.ts';
import { openTwin } from './twin.ts';

/** Steps that open the range before anything else, and steps that close an earlier one after everything else. */
export interface FirewallDrafts {
  readonly open: readonly Draft[];
  readonly close: readonly Draft[];
}

/** A program that makes its rules anew may take this long, and longer lists of bans. */
const KEEPER_SECONDS = 90;
const NOTHING: Placement = { rules: [], opening: null };

/**
 * Works out in a twin what opens the range: rules in the kernel and in the saved files, or what the program in charge
 * is told.
 * @throws Problem when a person has to decide or repair something first
 */
export async function planFirewall(
  ports: EnginePorts,
  found: Survey,
  settings: Settings,
): Promise<FirewallDrafts> {
  const { charge, firewall: facts } = found;
  const families = wantedFamilies(found, settings).filter((family) => !deaf(family, found.reaches));
  const question: Question = { range: settings.range, families };
  const realm: Realm = {
    keeper: charge.keeper,
    rulebooks: ports.rulebooks,
    facts,
    overridden: settings.override,
    keep: settings.keep ?? [],
  };
  const old = surplus(
    ports.rulebooks.flatMap((each) => each.ours(facts.chains)),
    settings.range,
    settings.keep,
  );
  const placed = await placement(ports, found, realm, question, old);
  const opening = placed.opening ?? missing(realm, question, placed);
  const boot =
    charge.keeper === null || placed.rules.length > 0 ? await planBoot(ports, found, realm, question) : [];
  const written = new Map<string, string>();
  const open: Draft[] = [];
  const trial = [...(placed.opening?.trial ?? []), ...placed.rules];
  if (trial.length > 0) open.push(gateDraft(trial));
  open.push(...ruleDrafts(ports, found, settings, placed.rules));
  if (charge.keeper !== null && opening !== null) {
    open.push(
      ...deedDrafts(found, opening.deeds, written),
      ...(trial.length > 0 ? [keeperDraft(charge.keeper, settings)] : []),
    );
  }
  open.push(...bootDrafts(found, boot), ...nodeDrafts(found));
  return { open, close: closeDrafts(ports, found, question, { old, boot, written, keep: realm.keep }) };
}

/** What is needed for the rules in force, tried in a twin. Nothing where the range is open without what is surplus. */
async function placement(
  ports: EnginePorts,
  found: Survey,
  realm: Realm,
  question: Question,
  old: readonly OurRule[],
): Promise<Placement> {
  const { charge, rules, reaches } = found;
  const families = question.families;
  const open = families.every((family) => coversRange(reaches[family]?.open ?? [], question.range));
  if (open && old.length === 0) return NOTHING;
  if (charge.conflict !== null) throw new Problem('unsupported', charge.conflict);
  const refusal = charge.keeper?.refusal(realm.facts, question) ?? null;
  if (refusal !== null) throw new Problem('unsupported', refusal);
  if (rules.trouble !== null) throw new Problem('unsupported', rules.trouble);
  const twin = await openTwin(ports.twin, rules.ruleset);
  try {
    if (old.length > 0) await twin.remove(old);
    const before = await takeCensus(twin, question.range);
    const placed = await findPlacement(realm, twin, question);
    if (placed.rules.length === 0 && placed.opening === null) return NOTHING;
    compare(before, await takeCensus(twin, question.range), question);
    checkAlike(placed.rules, realm, twin.chains);
    return placed;
  } finally {
    await twin.close();
  }
}

/** Places are counted in the copy; they are good for the original only when both have the same rules. */
function checkAlike(rules: readonly PlacedRule[], { facts }: Realm, copied: Realm['facts']['chains']): void {
  for (const rule of rules) {
    const [live, copy] = [facts.chains, copied].map((chains) => chains.find((each) => samePlace(each, rule)));
    if (live?.rules.length === copy?.rules.length) continue;
    throw new Problem(
      'change-conflict',
      phrase`The rules of ${placeName(rule)} changed while they were read.`,
    );
  }
}

/** What the program in charge lacks to let the range in, though it is open now. */
function missing({ keeper, facts }: Realm, question: Question, { rules }: Placement): Placement['opening'] {
  if (keeper === null || rules.length > 0 || keeper.keeps(facts, question) !== false) return null;
  const refusal = keeper.refusal(facts, question);
  if (refusal !== null) throw new Problem('unsupported', refusal);
  return keeper.open(facts, question, false);
}

function gateDraft(rules: readonly PlacedRule[]): Draft {
  return checkStep(
    'probe',
    phrase`Try the change on a copy of the firewall`,
    phrase`The range must open, every other port must stay as it is, and whoever is banned must stay out.`,
    { ask: 'gate', rules },
  );
}

function keeperDraft(keeper: Keeper, { range }: Settings): Draft {
  return checkStep(
    'probe',
    phrase`The rules that ${keeper.name} has made let ${formatRange(range)} in`,
    phrase`The program can report success and have failed: a copy of the rules now in force is asked.`,
    { ask: 'reach', waitSeconds: KEEPER_SECONDS },
  );
}

function ruleDrafts(
  { tools }: EnginePorts,
  found: Survey,
  settings: Settings,
  needed: readonly PlacedRule[],
): Draft[] {
  return insertCommands(tools, needed, found.firewall.chains).map((command) => {
    const places = [...new Set(command.rules.map(placeName))].join(phrase` and `);
    return firewallStep(
      command,
      phrase`Open ${formatRange(settings.range)} in ${places}`,
      phrase`The rule goes directly before the one that decides against the range, so bans above it keep their force.`,
      { remove: command.rules.map(markedRule), restore: [] },
    );
  });
}

/** `written`: what earlier steps of the plan have left in files. */
function deedDrafts(found: Survey, deeds: readonly Deed[], written: Map<string, string>): Draft[] {
  return deeds.map((deed) => {
    if (deed.kind === 'command') return deedStep(deed);
    const draft = writeStep(found.files, deed, written.get(deed.path));
    written.set(deed.path, deed.after);
    return draft;
  });
}

function bootDrafts(found: Survey, boot: readonly BootChange[]): Draft[] {
  const changed = boot.filter(({ path, open }) => open !== found.files.get(path)?.text);
  if (changed.length === 0) return [];
  const paths = changed.map(({ path }) => path);
  const why = phrase`Loaded at the next boot: the rule stands there at the same place, every other line stays as it is.`;
  return [
    ...changed.map(({ path, open: after }) =>
      writeStep(found.files, { path, after, title: phrase`Keep the rule in ${path}`, why }),
    ),
    checkStep(
      'check',
      phrase`What is saved in ${paths.join(phrase` and `)} loads and lets the range in`,
      phrase`What happens at the next boot is tried now, in a copy.`,
      { ask: 'boot-files', paths },
    ),
  ];
}

/** What earlier plans have left. `written`: what the steps before leave in files. */
interface Earlier {
  readonly old: readonly OurRule[];
  readonly boot: readonly BootChange[];
  readonly written: Map<string, string>;
  readonly keep: Realm['keep'];
}

function closeDrafts(ports: EnginePorts, found: Survey, question: Question, earlier: Earlier): Draft[] {
  const { keeper } = found.charge;
  const { old, boot, written, keep } = earlier;
  const close: Draft[] = deleteCommands(ports.tools, old, found.firewall.chains).map((command) =>
    firewallStep(
      command,
      phrase`Close ${portsOf(old.filter((rule) => command.rules.includes(rule)))} again`,
      phrase`An earlier range that this program had opened; nothing uses it any more.`,
      { remove: [], restore: old.filter((rule) => command.rules.includes(rule)).map(removedRule) },
    ),
  );
  for (const { path, open, close: after } of boot) {
    if (after === open) continue;
    const change = {
      path,
      after,
      title: phrase`Close it in ${path} too`,
      why: phrase`The saved rules match those in force.`,
    };
    close.push(writeStep(found.files, change, open === found.files.get(path)?.text ? undefined : open));
  }
  const opened =
    keeper?.opened(found.firewall).filter((range) => !isWanted(range, question.range, keep)) ?? [];
  if (keeper !== null && opened.length > 0) {
    close.push(...deedDrafts(found, keeper.close(found.firewall, opened, question), written));
  }
  return close;
}

function portsOf(rules: readonly { ports: readonly PortRange[] }[]): string {
  return rules.flatMap(({ ports }) => ports.map((each) => formatRange(each))).join(', ');
}

function markedRule({ tool, family, table, chain, text }: MarkedRule): MarkedRule {
  return { ...(tool === undefined ? {} : { tool }), family, table, chain, text };
}

function removedRule(rule: OurRule): MarkedRule & { next: string | null } {
  return { ...markedRule(rule), next: rule.next };
}

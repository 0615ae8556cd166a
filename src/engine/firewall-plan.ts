import type { MarkedRule, PlacedRule } from '../core/plan.ts';
import { Problem, toProblem } from '../core/problem.ts';
import { formatRange } from '../core/range.ts';
import type { Settings } from '../core/settings.ts';
import type { OurRule } from '../firewall/firewall.ts';
import { findPlacement, positionIn, surplus, translateHandles } from './placement.ts';
import { checkStep, firewallStep, placeName, writeStep, type Draft } from './steps.ts';
import { wantedFamilies, type EnginePorts, type Survey } from './survey.ts';
import { openTwin } from './twin.ts';

/** Steps that open the range before anything else, and steps that close an earlier one after everything else. */
export interface FirewallDrafts {
  readonly open: readonly Draft[];
  readonly close: readonly Draft[];
}

/** Works out in a twin which rules are needed where, in the kernel and in the saved script. */
export async function planFirewall(
  ports: EnginePorts,
  found: Survey,
  settings: Settings,
): Promise<FirewallDrafts> {
  const { firewall } = ports;
  const old = surplus(firewall.ours(found.chains), settings.range);
  const needed = await neededRules(ports, found, settings, old);
  const boot = await planBoot(ports, found, settings);
  const open: Draft[] = [];
  const close: Draft[] = [];
  if (needed.length > 0) open.push(...openDrafts(ports, settings, needed));
  if (boot !== null && boot.open !== found.boot?.file.text) {
    const why =
      'Loaded at the next boot: the rule stands there at the same place, every other line stays as it is.';
    const path = found.boot?.file.path ?? '';
    open.push(
      writeStep(found.files, { path, after: boot.open, title: `Keep the rule in ${path}`, why }),
      checkStep(
        'check',
        `${path} loads and lets the range in`,
        'What happens at the next boot is tried now, in a copy.',
        {
          ask: 'boot-file',
          path,
        },
      ),
    );
  }
  if (old.length > 0) {
    const script = firewall.deleteScript(old.map((rule) => ({ rule, handle: rule.handle })));
    const title = `Close ${old.flatMap((rule) => rule.ports.map((each) => formatRange(each))).join(', ')} again`;
    const why = 'An earlier range that this program had opened; nothing uses it any more.';
    close.push(
      firewallStep(ports.twin.nft, script, title, why, {
        kind: 'firewall',
        firewall: firewall.name,
        inverse: { remove: [], restore: old.map((rule) => ({ ...markedRule(rule), next: rule.next })) },
      }),
    );
  }
  if (boot !== null && boot.close !== boot.open) {
    const path = found.boot?.file.path ?? '';
    const change = {
      path,
      after: boot.close,
      title: `Close it in ${path} too`,
      why: 'The saved rules match those in force.',
    };
    close.push(writeStep(found.files, change, boot.open === found.boot?.file.text ? undefined : boot.open));
  }
  return { open, close };
}

function openDrafts(ports: EnginePorts, settings: Settings, needed: readonly PlacedRule[]): Draft[] {
  const script = ports.firewall.insertScript(needed);
  const range = formatRange(settings.range);
  const places = [...new Set(needed.map(placeName))].join(' and ');
  return [
    checkStep(
      'probe',
      'Try the change on a copy of the firewall',
      'The range must open, and every other port must stay as it is.',
      {
        ask: 'gate',
        rules: needed,
      },
    ),
    firewallStep(
      ports.twin.nft,
      script,
      `Open ${range} in ${places}`,
      'The rule goes directly before the one that decides against the range, so bans above it keep their force.',
      {
        kind: 'firewall',
        firewall: ports.firewall.name,
        inverse: { remove: needed.map(markedRule), restore: [] },
      },
    ),
  ];
}

function markedRule({ family, table, chain, text }: MarkedRule): MarkedRule {
  return { family, table, chain, text };
}

/** Rules to insert into the kernel's ruleset, with its own handles. Asked in a twin without our surplus rules. */
async function neededRules(
  ports: EnginePorts,
  found: Survey,
  settings: Settings,
  old: readonly OurRule[],
): Promise<PlacedRule[]> {
  const { firewall } = ports;
  const twin = await openTwin(ports.twin, found.ruleset);
  try {
    const copy = firewall.readListing(await twin.listing());
    const toCopy = translateHandles(found.chains, copy);
    const toLive = translateHandles(copy, found.chains);
    if (old.length > 0) {
      await twin.load(
        firewall.deleteScript(old.map((rule) => ({ rule, handle: toCopy(rule, rule.handle) }))),
      );
    }
    const insertions = await findPlacement(firewall, twin, settings.range, wantedFamilies(found, settings));
    return insertions.map((each) => ({
      ...each,
      before: each.before === null ? null : toLive(each, each.before),
    }));
  } finally {
    await twin.close();
  }
}

/** The saved script after opening, and after closing what is surplus; null when there is none. */
async function planBoot(
  ports: EnginePorts,
  found: Survey,
  settings: Settings,
): Promise<{ open: string; close: string } | null> {
  if (found.boot === null) return null;
  const { firewall } = ports;
  const { path, text } = found.boot.file;
  const chains = firewall
    .oursInText(text)
    .map((rule, index) => ({ ...rule, base: null, rules: [{ handle: index, text: rule.text }] }));
  const old = surplus(firewall.ours(chains), settings.range);
  const close = await openedText(ports, firewall.removeFromText(text, old), settings, found, path);
  // Until the daemon has left the old range, the saved rules open both.
  const open = old.length === 0 ? close : await openedText(ports, text, settings, found, path);
  return { open, close };
}

/** One rule a chain, and few chains. */
const MOST_ADDITIONS = 16;

/** Adds to a saved script what it lacks to let the range in, asking a twin that has loaded it. */
async function openedText(
  ports: EnginePorts,
  text: string,
  settings: Settings,
  found: Survey,
  path: string,
): Promise<string> {
  const { firewall } = ports;
  let after = text;
  for (let turn = 0; turn < MOST_ADDITIONS; turn++) {
    const twin = await openTwin(ports.twin, after).catch((error: unknown) => {
      throw doesNotLoad(path, toProblem(error));
    });
    try {
      const chains = firewall.readListing(await twin.listing());
      const insertions = await findPlacement(firewall, twin, settings.range, wantedFamilies(found, settings));
      const [first] = insertions;
      if (first === undefined) return after;
      const { index, count } = positionIn(chains, first);
      after = firewall.placeInText(after, markedRule(first), index, count);
    } finally {
      await twin.close();
    }
  }
  throw new Problem('unsupported', `No place for the rule was found in ${path}; nothing was changed.`);
}

function doesNotLoad(path: string, problem: Problem): Problem {
  if (problem.code !== 'command-failed') return problem;
  const why = `${path} does not load, so this firewall will be missing after the next boot. ${problem.message.replace(/\.?$/, '.')} Repair it first.`;
  return new Problem('invalid', why, problem.detail);
}

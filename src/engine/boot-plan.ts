import { phrase } from '../core/phrase.ts';
import type { PlacedRule } from '../core/plan.ts';
import { Problem, toProblem } from '../core/problem.ts';
import type { Question } from '../firewall/firewall.ts';
import { samePlace } from '../firewall/ruleset.ts';
import { savedRuleset, type Source } from './boot.ts';
import { findPlacement, surplus, type Realm } from './placement.ts';
import type { EnginePorts, Survey } from './survey.ts';
import { openTwin } from './twin.ts';

/** A saved file: its text while the old range is still in use, and its text once it is closed. */
export interface BootChange {
  readonly path: string;
  readonly open: string;
  readonly close: string;
}

/** One rule a chain, and few chains. */
const MOST_ADDITIONS = 16;

/** What the saved rules lack to let the range in after the next boot. */
export async function planBoot(
  ports: EnginePorts,
  found: Survey,
  realm: Realm,
  question: Question,
): Promise<BootChange[]> {
  const sources = found.saved;
  const texts = new Map(sources.flatMap(({ files }) => files.map(({ path, text }) => [path, text] as const)));
  const cleaned = new Map(
    sources.flatMap(({ rulebook, files }) =>
      files.map(({ path, text }) => {
        const old = surplus(rulebook.oursInText(text, path), question.range, realm.keep);
        return [path, rulebook.removeFromText(text, old)] as const;
      }),
    ),
  );
  const close = await openedTexts(ports, found, realm, question, cleaned);
  const same = [...texts].every(([path, text]) => cleaned.get(path) === text);
  // Until the daemon has left the old range, the saved rules open both.
  const open = same ? close : await openedTexts(ports, found, realm, question, texts);
  return [...texts.keys()].map((path) => ({
    path,
    open: open.get(path) ?? '',
    close: close.get(path) ?? '',
  }));
}

/** Adds to saved files what they lack to let the range in, asking a twin that has loaded them. */
async function openedTexts(
  ports: EnginePorts,
  { saved, rules }: Survey,
  realm: Realm,
  question: Question,
  texts: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, string>> {
  const after = new Map(texts);
  const paths = [...after.keys()].join(phrase` and `);
  for (let turn = 0; turn < MOST_ADDITIONS; turn++) {
    const ruleset = savedRuleset(saved, rules.ruleset, after);
    if (ruleset === null) return after;
    const twin = await openTwin(ports.twin, ruleset).catch((error: unknown) => {
      throw doesNotLoad(paths, toProblem(error));
    });
    try {
      const there: Realm = { ...realm, keeper: null, facts: { ...realm.facts, chains: twin.chains } };
      const placed = await findPlacement(there, twin, question).catch((error: unknown) => {
        const { code, message } = toProblem(error);
        throw new Problem(code, phrase`After the next boot (${paths}): ${message}`);
      });
      // A rule in a text moves those behind it: one a chain, then the text is read afresh.
      const first = placed.rules.filter(
        (rule, index, all) => all.findIndex((other) => samePlace(other, rule)) === index,
      );
      if (first.length === 0) return after;
      for (const rule of first) {
        const loaded = twin.chains.find((each) => samePlace(each, rule))?.rules.length ?? 0;
        placeInTexts(saved, after, rule, loaded);
      }
    } finally {
      await twin.close();
    }
  }
  throw new Problem('unsupported', phrase`No place for the rule was found in ${paths}; nothing was changed.`);
}

function placeInTexts(
  sources: readonly Source[],
  texts: Map<string, string>,
  rule: PlacedRule,
  loaded: number,
): void {
  const own = sources.filter(({ rulebook }) =>
    rulebook.keeps({ ...rule, tool: rule.tool ?? 'nft', base: null, rules: [] }),
  );
  for (const { rulebook, files } of own) {
    const now = files.map(({ path, text }) => ({ path, text: texts.get(path) ?? text }));
    const path = rulebook.fileOf(rule, now);
    const text = now.find((file) => file.path === path)?.text;
    if (path === null || text === undefined) continue;
    texts.set(path, rulebook.placeInText(text, rule, loaded));
    return;
  }
  throw new Problem(
    'unsupported',
    phrase`No saved file holds the chain ${rule.family} ${rule.table} ${rule.chain}.`,
  );
}

function doesNotLoad(path: string, problem: Problem): Problem {
  if (problem.code !== 'command-failed') return problem;
  const why = phrase`${path} does not load, so this firewall will be missing after the next boot. ${problem.message.replace(/\.?$/, '.')} Repair it first.`;
  return new Problem('invalid', why, problem.detail);
}
